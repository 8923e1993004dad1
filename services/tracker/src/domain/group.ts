import type { KeepsAnswers } from '@berth/kernel';
import { BerthError } from '@berth/kernel';

export type GroupState = 'OPEN' | 'SUCCEEDED' | 'FAILED';

/** Several allocations of one job. */
export interface Group extends KeepsAnswers {
  readonly id: string;
  readonly owner: string;
  readonly description: string;
  readonly state: GroupState;
  readonly createMs: number;
  readonly closeMs?: number;
  /** The request id that opened it, unique among all. */
  readonly request?: string;
  readonly fingerprint?: string;
  /** When it failed, as long as something live may be in it (L2). */
  readonly failedMs?: number;
}

/** OPEN → SUCCEEDED or FAILED; undefined when it is closed so. Throws ILLEGAL_TRANSITION when it is closed otherwise. */
export function closeGroup(group: Group, success: boolean, nowMs: number): Group | undefined {
  const state = success ? 'SUCCEEDED' : 'FAILED';
  if (group.state === state) return undefined;
  if (group.state !== 'OPEN') throw groupClosed('ILLEGAL_TRANSITION', group, `cannot be closed as ${state}`);
  return { ...group, state, closeMs: nowMs, ...(!success && { failedMs: nowMs }) };
}

/** Throws GROUP_CLOSED unless something may still be added to it. */
export function requireOpen(group: Group): void {
  if (group.state === 'OPEN') return;
  throw groupClosed('GROUP_CLOSED', group, 'takes nothing more; open another');
}

export function noSuchGroup(id: string): BerthError {
  return new BerthError('NO_SUCH_GROUP', `there is no group '${id}'; open one first.`, {
    resource: { type: 'berth.dev/Group', name: id },
  });
}

function groupClosed(reason: 'GROUP_CLOSED' | 'ILLEGAL_TRANSITION', group: Group, what: string): BerthError {
  const { id, state, owner } = group;
  const description = `group '${id}' of ${owner} is ${state} and ${what}`;
  return new BerthError(reason, `${description}.`, {
    resource: { type: 'berth.dev/Group', name: id, owner },
    preconditions: [{ type: 'STATE', subject: id, description }],
    metadata: { state },
  });
}
