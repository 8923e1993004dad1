import { BerthError } from '@berth/kernel';
import type { Allocation } from './allocation.js';

export interface ReportRules {
  readonly leastKnown: number;
  readonly leastPercent: number;
  /** What was allocated later than this before the report may be missing from it. */
  readonly graceMs: number;
}

/** What a report says about what is ALLOCATED. */
export interface Comparison {
  readonly known: number;
  readonly missing: readonly Allocation[];
}

/**
 * Compares a provider's names with what is ALLOCATED there by name. What was confirmed only just now is not missed: the
 * provider's list may be older than it.
 */
export function compareReport(
  allocations: readonly Allocation[],
  seen: ReadonlySet<string>,
  graceMs: number,
  nowMs: number,
): Comparison {
  const missing: Allocation[] = [];
  let known = 0;
  for (const allocation of allocations) {
    const { externalId, allocateMs = nowMs } = allocation;
    if (externalId === undefined) continue;
    if (seen.has(externalId)) known += 1;
    else if (allocateMs <= nowMs - graceMs) missing.push(allocation);
  }
  return { known, missing };
}

/** Throws REPORT_IMPLAUSIBLE for a report that suddenly sees almost nothing of what is known. */
export function checkPlausible(
  { known, missing }: Comparison,
  { leastKnown, leastPercent }: ReportRules,
  { kind, provider }: { readonly kind: string; readonly provider: string },
): void {
  const total = known + missing.length;
  if (total < leastKnown || known * 100 >= total * leastPercent) return;
  const description = `the report of ${provider} sees ${known} of ${total} known allocations of kind '${kind}', less than ${leastPercent} %`;
  throw new BerthError(
    'REPORT_IMPLAUSIBLE',
    `${description}; nothing was concluded from it. Check it, or repeat it with force if it is right.`,
    {
      preconditions: [{ type: 'REPORT', subject: `${provider}/${kind}`, description }],
      metadata: { seen: String(known), known: String(total) },
    },
  );
}
