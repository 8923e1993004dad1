import { SYSTEM } from '@berth/kernel';
import type { Allocation } from './allocation.js';
import { indexed, isLive } from './allocation.js';
import type { LeakRule } from './leak-rule.js';
import { fail, release, uncollected, withDeleteFailure } from './transitions.js';

/** Marks it for a rule: from `graceMs` on from now it may be deleted, once its owner was told. */
export function mark(allocation: Allocation, rule: LeakRule, graceMs: number, nowMs: number): Allocation {
  return { ...allocation, collection: { rule, markMs: nowMs, dueMs: nowMs + graceMs }, updateMs: nowMs };
}

/** An allocation that is collected as a step of a plan. */
export function collectedBy(allocation: Allocation, plan: string): Allocation {
  return { ...allocation, collectedBy: plan };
}

/** Its owner was told. */
export function notified(allocation: Allocation, nowMs: number): Allocation {
  const { collection } = allocation;
  if (collection === undefined) return allocation;
  return { ...allocation, collection: { ...collection, notifyMs: nowMs }, updateMs: nowMs };
}

/** A command that deletes it starts: until then nothing else is decided about it. */
export function deleting(allocation: Allocation, untilMs: number, nowMs: number): Allocation {
  return indexed({ ...allocation, deletingUntilMs: untilMs, updateMs: nowMs });
}

/** It is gone: an intent has FAILED, what was ALLOCATED is RELEASED. Undefined when it had ended anyway. */
export function deleted(allocation: Allocation, rule: LeakRule, nowMs: number): Allocation | undefined {
  const reason = `collected (${rule})`;
  if (allocation.state === 'INTENT') return fail(reason)(allocation, SYSTEM, nowMs);
  return allocation.state === 'ALLOCATED' ? release(reason)(allocation, SYSTEM, nowMs) : undefined;
}

/** The command that deletes it failed: L7. Undefined when it had ended anyway. */
export function deleteFailed(allocation: Allocation, why: string, nowMs: number): Allocation | undefined {
  if (!isLive(allocation)) return undefined;
  const { deletingUntilMs: _, ...unclaimed } = allocation;
  return withDeleteFailure(unclaimed, why, SYSTEM, nowMs);
}

/** The leak that it was marked for is over: a later one starts from the beginning. */
export function unmarked(allocation: Allocation, nowMs: number): Allocation | undefined {
  return allocation.collection === undefined ? undefined : { ...uncollected(allocation), updateMs: nowMs };
}
