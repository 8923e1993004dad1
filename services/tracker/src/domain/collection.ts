import type { Actor } from '@berth/kernel';
import type { Allocation } from './allocation.js';
import type { LeakRule } from './leak-rule.js';
import type { Leak } from './leak.js';
import { isAcknowledged } from './leak.js';

export type CollectAction = 'MARK' | 'NOTIFY' | 'DELETE';
export type LeftOutReason =
  'PROTECTED' | 'ACKNOWLEDGED' | 'NOT_DUE' | 'NO_COMMAND' | 'CAP_CYCLE' | 'CAP_OWNER' | 'CAP_PERCENT';

/** Something that leaked, with all its leaks, the longest first. */
export interface Candidate {
  readonly allocation: Allocation;
  readonly etag: string;
  readonly leaks: readonly Leak[];
}

export interface PlanItem {
  readonly allocationId: string;
  readonly etag: string;
  readonly action: CollectAction;
  readonly rule: LeakRule;
  readonly owner: string;
  readonly kind: string;
  readonly externalId: string;
}

export interface LeftOut {
  readonly allocationId: string;
  readonly reason: LeftOutReason;
}

export interface ItemOutcome {
  readonly allocationId: string;
  readonly action: CollectAction;
  readonly outcome: 'DONE' | 'SKIPPED_CHANGED' | 'SKIPPED_NOT_QUALIFIED' | 'FAILED';
  readonly message: string;
}

/** A plan as it is stored. It is applied once; what became of its items is kept for repeats. */
export interface CollectionPlan {
  readonly id: string;
  readonly items: readonly PlanItem[];
  readonly leftOut: readonly LeftOut[];
  readonly createMs: number;
  readonly actor: Actor;
  readonly request?: string;
  readonly fingerprint?: string;
  readonly applyMs?: number;
  /** In the order of the items, as far as it has come. */
  readonly outcomes: readonly ItemOutcome[];
}

export interface CollectionRules {
  readonly maxPerCycle: number;
  readonly maxPerOwner: number;
  readonly maxPercent: number;
  /** Live ones of a kind: what the percentage is of. */
  readonly liveOf: (kind: string) => number;
  /** Whether a kind is deleted at all, or only marked. */
  readonly deletes: (kind: string) => boolean;
}

/** What stands in the way of deleting, and what does not. A mark for another rule than one that holds counts for none. */
interface Readiness {
  readonly marked: boolean;
  readonly due: boolean;
  readonly notified: boolean;
  readonly protected: boolean;
}

/** The one step that comes next, or why there is none. Of the 16 combinations exactly one is deleted. */
export function nextStep(ready: Readiness): CollectAction | 'PROTECTED' | 'NOT_DUE' {
  if (ready.protected) return 'PROTECTED';
  if (!ready.marked) return 'MARK';
  if (!ready.notified) return 'NOTIFY';
  return ready.due ? 'DELETE' : 'NOT_DUE';
}

/** The next step of a candidate and the rule it is for, or why there is none. */
export function stepOf(
  { allocation, leaks }: Candidate,
  nowMs: number,
): { readonly step: CollectAction; readonly rule: LeakRule } | { readonly none: LeftOutReason } {
  if (leaks.some((leak) => isAcknowledged(leak, nowMs))) return { none: 'ACKNOWLEDGED' };
  const { collection, deletingUntilMs = 0 } = allocation;
  if (deletingUntilMs > nowMs) return { none: 'NOT_DUE' };
  // A mark that is older than the leak was made for an earlier one, which was over in between.
  const markedFor = leaks.find(
    ({ rule, firstSeenMs }) => rule === collection?.rule && firstSeenMs <= collection.markMs,
  );
  const leak = markedFor ?? leaks[0];
  const step = nextStep({
    marked: markedFor !== undefined,
    due: collection !== undefined && collection.dueMs <= nowMs,
    notified: collection?.notifyMs !== undefined,
    protected: allocation.protected,
  });
  if (step === 'PROTECTED' || step === 'NOT_DUE') return { none: step };
  return leak === undefined ? { none: 'NOT_DUE' } : { step, rule: leak.rule };
}

/** What to do now with each candidate, in their order, within the caps on deleting. */
export function planItems(
  candidates: readonly Candidate[],
  rules: CollectionRules,
  nowMs: number,
): Pick<CollectionPlan, 'items' | 'leftOut'> {
  const items: PlanItem[] = [];
  const leftOut: LeftOut[] = [];
  const caps = new DeletionCaps(rules);
  for (const candidate of candidates) {
    const { id, owner, kind, externalId = '' } = candidate.allocation;
    const next = stepOf(candidate, nowMs);
    const reason = 'none' in next ? next.none : next.step === 'DELETE' ? caps.take(candidate.allocation) : undefined;
    if (reason !== undefined) leftOut.push({ allocationId: id, reason });
    else if ('step' in next) {
      const { step: action, rule } = next;
      items.push({ allocationId: id, etag: candidate.etag, action, rule, owner, kind, externalId });
    }
  }
  return { items, leftOut };
}

/** Counts deletions against their caps. */
class DeletionCaps {
  #all = 0;
  readonly #perOwner = new Map<string, number>();
  readonly #perKind = new Map<string, number>();

  constructor(private readonly rules: CollectionRules) {}

  /** Takes one, or says which cap is in the way. */
  take({ owner, kind }: Allocation): LeftOutReason | undefined {
    const { maxPerCycle, maxPerOwner, maxPercent, liveOf, deletes } = this.rules;
    if (!deletes(kind)) return 'NO_COMMAND';
    const ofOwner = this.#perOwner.get(owner) ?? 0;
    const ofKind = this.#perKind.get(kind) ?? 0;
    if (this.#all >= maxPerCycle) return 'CAP_CYCLE';
    if (ofOwner >= maxPerOwner) return 'CAP_OWNER';
    // Of three things no percentage below 34 would ever take one, so the first always may go (unless none may).
    const share = maxPercent === 0 ? 0 : Math.max(1, Math.floor((liveOf(kind) * maxPercent) / 100));
    if (ofKind >= share) return 'CAP_PERCENT';
    this.#all += 1;
    this.#perOwner.set(owner, ofOwner + 1);
    this.#perKind.set(kind, ofKind + 1);
    return undefined;
  }
}
