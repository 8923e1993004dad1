import type { Allocation, UsageKey, UsageRow } from '../domain/index.js';
import { overlapMs, Usage } from '../domain/index.js';
import type { Where } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

export interface UsageQuery {
  /** Absent = since the first one that is found. */
  readonly fromMs?: number;
  /** Absent = now. */
  readonly untilMs?: number;
  readonly groupBy: readonly UsageKey[];
  readonly kinds: readonly string[];
  readonly owner?: string;
  readonly bench?: string;
}

export interface UsageSums {
  readonly rows: readonly UsageRow[];
  readonly fromMs: number;
  readonly untilMs: number;
}

const PAGE = 2000;

/** Sums up what overlaps a time. Reads what was released since its beginning, and what is ALLOCATED now; nothing older. */
export async function sumUsage(context: TrackerContext, query: UsageQuery): Promise<UsageSums> {
  const nowMs = context.clock.now();
  const untilMs = Math.min(query.untilMs ?? nowMs, nowMs);
  const usage = new Usage(query.groupBy, query.bench);
  const fromMs = query.fromMs ?? -Infinity;
  let firstMs = untilMs;
  for (const where of sourcesOf(query)) {
    for await (const allocation of readAll(context, where)) {
      if (!isMeant(allocation, query)) continue;
      const usedMs = overlapMs(allocation, fromMs, untilMs);
      if (usedMs === undefined) continue;
      firstMs = Math.min(firstMs, allocation.allocateMs ?? untilMs);
      usage.add(allocation, usedMs);
    }
  }
  const startMs = query.fromMs ?? firstMs;
  return { rows: usage.rows(untilMs - startMs), fromMs: startMs, untilMs };
}

/**
 * What has ended since the beginning, and what is still there. Each with the conditions of one index and no more: with others
 * an engine may choose the index of those, and go through everything that ever was of a kind or on a bench.
 */
function sourcesOf({ fromMs, owner, bench }: UsageQuery): readonly Where[] {
  const narrow: Where = bench !== undefined ? { benches: bench } : owner !== undefined ? { owner } : {};
  return [{ ...narrow, usedUntilMs: { after: fromMs ?? 0 } }, { liveSinceMs: { from: 0 } }];
}

/** The conditions that the sources leave out; those on the bench are up to `Usage`. */
function isMeant({ kind, owner }: Allocation, { kinds, owner: wanted }: UsageQuery): boolean {
  return (kinds.length === 0 || kinds.includes(kind)) && (wanted === undefined || owner === wanted);
}

async function* readAll({ collections }: TrackerContext, where: Where) {
  let after: string | undefined;
  do {
    // In the order of the index that the range is on, so that no page has to be sorted.
    const orderBy = { field: 'usedUntilMs' in where ? 'usedUntilMs' : 'liveSinceMs' };
    const query = { where, orderBy, limit: PAGE };
    const found = await collections.allocations.find(after === undefined ? query : { ...query, after });
    for (const { value } of found.documents) yield value;
    after = found.next;
  } while (after !== undefined);
}
