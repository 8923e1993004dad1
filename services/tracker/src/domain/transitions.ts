import type { Actor } from '@berth/kernel';
import type { Allocation, AllocationState, StateChange } from './allocation.js';
import { indexed, isLive } from './allocation.js';
import { illegalTransition } from './refusals.js';
import type { Pairs } from './pairs.js';
import { fromPairs, toPairs } from './pairs.js';

/** What a command does: the new allocation, or undefined when all is already as it asks. */
export type Transition = (allocation: Allocation, actor: Actor, nowMs: number) => Allocation | undefined;

/** A protected one that is toggled without end must not grow without end. */
const MOST_HISTORY = 100;

const UNDELETED = 'could not be deleted';

export interface Confirmation {
  readonly externalId?: string;
  readonly expectedEndMs?: number;
  readonly attributes: Pairs;
  /** Since when it exists, where that is told later; what lies in the future counts as now. */
  readonly allocatedMs?: number;
}

/** INTENT → ALLOCATED. Nothing to do when it is ALLOCATED and known by the same name at its provider. */
export function confirm({ externalId, expectedEndMs, attributes, allocatedMs = Infinity }: Confirmation): Transition {
  return (allocation, actor, nowMs) => {
    const { state } = allocation;
    const sameName = externalId === undefined || externalId === allocation.externalId;
    if (state === 'ALLOCATED' && sameName) return undefined;
    if (state !== 'INTENT') {
      const hint = state === 'ALLOCATED' ? `it is known as '${allocation.externalId ?? ''}'` : 'only an INTENT can';
      throw illegalTransition(allocation, 'be confirmed', hint);
    }
    const merged = toPairs({ ...fromPairs(allocation.attributes), ...fromPairs(attributes) });
    const confirmed = {
      allocateMs: Math.min(allocatedMs, nowMs),
      ...allocation,
      attributes: merged,
      ...(externalId !== undefined && { externalId }),
      ...(expectedEndMs !== undefined && { expectedEndMs }),
    };
    return outcome(confirmed, 'ALLOCATED', actor, '', nowMs);
  };
}

/** INTENT → FAILED. Nothing to do when it is FAILED. */
export function fail(reason: string): Transition {
  return (allocation, actor, nowMs) => {
    if (allocation.state === 'FAILED') return undefined;
    if (allocation.state !== 'INTENT') throw illegalTransition(allocation, 'fail', 'only an INTENT can');
    return outcome({ failureReason: reason, endMs: nowMs, ...allocation }, 'FAILED', actor, reason, nowMs);
  };
}

/**
 * ALLOCATED → RELEASED. Nothing to do when it is RELEASED. `endedMs` is when, where that is told later: what lies in the
 * future counts as now, and what lies before the allocation as its beginning.
 */
export function release(reason: string, endedMs = Infinity): Transition {
  return (allocation, actor, nowMs) => {
    if (allocation.state === 'RELEASED') return undefined;
    if (allocation.state !== 'ALLOCATED') {
      const hint = allocation.state === 'INTENT' ? 'confirm or fail it first' : 'it was never made';
      throw illegalTransition(allocation, 'be released', hint);
    }
    const endMs = Math.max(Math.min(endedMs, nowMs), allocation.allocateMs ?? -Infinity);
    return moved({ endMs, ...allocation }, 'RELEASED', actor, reason, nowMs);
  };
}

/**
 * Flags what exists, or may exist, DELETE_FAILED, with the reason; its state stays. Nothing to do when that was told last.
 * A command of a collection that may run right now keeps its claim: how that command ends is told by the collector.
 */
export function failRelease(reason: string): Transition {
  return (allocation, actor, nowMs) => {
    if (!isLive(allocation)) throw illegalTransition(allocation, 'fail to be released', 'it has ended');
    const { deletingUntilMs, ...unclaimed } = allocation;
    const claimed = deletingUntilMs !== undefined && deletingUntilMs > nowMs;
    const toldLast = allocation.flags.includes('DELETE_FAILED') && allocation.deleteFailure === reason;
    if (toldLast && (claimed || deletingUntilMs === undefined)) return undefined;
    return withDeleteFailure(claimed ? allocation : unclaimed, reason, actor, nowMs);
  };
}

/** An allocation flagged DELETE_FAILED, with the reason. Of failures that follow each other the history keeps the last one. */
export function withDeleteFailure(allocation: Allocation, reason: string, actor: Actor, nowMs: number): Allocation {
  const { state, flags, history } = allocation;
  const repeated = history.at(-1)?.reason.startsWith(UNDELETED) === true;
  const before = { ...allocation, history: repeated ? history.slice(0, -1) : history };
  return indexed({
    ...withChange(before, { state, timeMs: nowMs, actor, reason: `${UNDELETED}: ${reason}` }),
    flags: flags.includes('DELETE_FAILED') ? flags : [...flags, 'DELETE_FAILED'],
    deleteFailure: reason,
    updateMs: nowMs,
  });
}

/**
 * Moves the deadline of an INTENT or the expected end of what is ALLOCATED; whoever extends it still wants it, so what was
 * decided about collecting it, or tried, does not count any more.
 */
export function extend(durationMs: number): Transition {
  return (allocation, _actor, nowMs) => {
    requireLive(allocation, 'be extended', nowMs);
    const until = nowMs + durationMs;
    const extended =
      allocation.state === 'INTENT' ? { ...allocation, deadlineMs: until } : { ...allocation, expectedEndMs: until };
    return indexed({ ...wanted(extended), updateMs: nowMs });
  };
}

/** Sets or takes back the protection. Nothing to do when it is so. */
export function protect(on: boolean, reason: string): Transition {
  return (allocation, actor, nowMs) => {
    requireLive(allocation, on ? 'be protected' : 'lose its protection', nowMs);
    if (allocation.protected === on) return undefined;
    const said = `${on ? 'protected' : 'no longer protected'}${reason === '' ? '' : `: ${reason}`}`;
    const { state } = allocation;
    return { ...withChange(allocation, { state, timeMs: nowMs, actor, reason: said }), protected: on, updateMs: nowMs };
  };
}

/** An allocation without its collection: what was decided about it does not hold any more. */
export function uncollected(allocation: Allocation): Allocation {
  const { collection, ...rest } = allocation;
  return collection === undefined ? allocation : rest;
}

/** An allocation of which a caller said that it is wanted: that deleting it was tried does not count any more either. */
function wanted(allocation: Allocation): Allocation {
  const { deletingUntilMs: _1, deleteFailure: _2, ...rest } = uncollected(allocation);
  return { ...rest, flags: rest.flags.filter((flag) => flag !== 'DELETE_FAILED') };
}

/** The end of an intent; flagged LATE when it comes after the deadline. */
function outcome(
  allocation: Allocation,
  state: AllocationState,
  actor: Actor,
  reason: string,
  nowMs: number,
): Allocation {
  const late = nowMs > allocation.deadlineMs && !allocation.flags.includes('LATE');
  const flags = late ? [...allocation.flags, 'LATE' as const] : allocation.flags;
  return moved({ ...allocation, flags }, state, actor, reason, nowMs);
}

function moved(
  allocation: Allocation,
  state: AllocationState,
  actor: Actor,
  reason: string,
  nowMs: number,
): Allocation {
  const { deletingUntilMs: _, ...rest } = state === 'ALLOCATED' ? wanted(allocation) : uncollected(allocation);
  return indexed({ ...withChange(rest, { state, timeMs: nowMs, actor, reason }), state, updateMs: nowMs });
}

function withChange(allocation: Allocation, change: StateChange): Allocation {
  const { history } = allocation;
  const kept = history.length < MOST_HISTORY ? history : [...history.slice(0, 1), ...history.slice(2 - MOST_HISTORY)];
  return { ...allocation, history: [...kept, change] };
}

/** While the command that deletes it may run, it is too late to keep it. */
function requireLive(allocation: Allocation, deed: string, nowMs: number): void {
  if (!isLive(allocation)) throw illegalTransition(allocation, deed, 'it has ended');
  const { deletingUntilMs = 0 } = allocation;
  if (deletingUntilMs > nowMs) throw illegalTransition(allocation, deed, 'it is being deleted right now');
}
