import type { Actor, KeepsAnswers } from '@berth/kernel';
import type { Allocation } from './allocation.js';
import { isLive } from './allocation.js';
import type { Group } from './group.js';
import type { LeakRule } from './leak-rule.js';

export interface Acknowledgement {
  readonly actor: Actor;
  readonly untilMs: number;
  readonly reason: string;
  readonly timeMs: number;
}

/** A leak as it is stored: there as long as its rule holds. */
export interface Leak extends KeepsAnswers {
  readonly id: string;
  readonly rule: LeakRule;
  /** Absent for L5. */
  readonly allocationId?: string;
  readonly kind: string;
  /** Absent for L5. */
  readonly owner?: string;
  readonly externalId?: string;
  /** Whose report showed it (L5, L6). */
  readonly provider?: string;
  readonly firstSeenMs: number;
  readonly evidence: string;
  readonly proposedAction: string;
  readonly acknowledgement?: Acknowledgement;
}

/** What else the rules look at. */
export interface LeakFacts {
  readonly nowMs: number;
  /** The allocation's group, where it has one. */
  readonly group?: Group | undefined;
  /** Whether the parent is known to be gone. */
  readonly parentGone: boolean;
}

type StateRule = Exclude<LeakRule, 'L5' | 'L6'>;

/** Whether a rule that follows from the allocation's own state holds. */
export function ruleHolds(rule: StateRule, allocation: Allocation, facts: LeakFacts): boolean {
  const { state, deadlineMs, expectedEndMs = Infinity, deletingUntilMs = Infinity } = allocation;
  switch (rule) {
    case 'L1': // an intent past its deadline
      return state === 'INTENT' && facts.nowMs > deadlineMs;
    case 'L2': // its group failed while it is ALLOCATED
      return state === 'ALLOCATED' && facts.group?.state === 'FAILED';
    case 'L3': // past its expected end
      return state === 'ALLOCATED' && facts.nowMs > expectedEndMs;
    case 'L4': // its lease, booking or ticket is gone
      return state === 'ALLOCATED' && allocation.parent !== undefined && facts.parentGone;
    case 'L7': // its deletion failed, or began and nobody said how it ended
      return isLive(allocation) && (allocation.flags.includes('DELETE_FAILED') || facts.nowMs >= deletingUntilMs);
  }
}

/** The leak of an allocation by a rule. The same id for the same thing and rule. */
export function leakOf(rule: Exclude<LeakRule, 'L5'>, allocation: Allocation, nowMs: number, provider?: string): Leak {
  const { id, kind, owner, externalId } = allocation;
  return {
    id: leakId(rule, id),
    rule,
    allocationId: id,
    kind,
    owner,
    ...(externalId !== undefined && { externalId }),
    ...(provider !== undefined && { provider }),
    firstSeenMs: nowMs,
    ...texts(rule, allocation, provider),
  };
}

export function leakId(rule: LeakRule, thing: string): string {
  return `${rule}-${thing}`;
}

interface Texts {
  readonly evidence: string;
  readonly proposedAction: string;
}

function texts(rule: Exclude<LeakRule, 'L5'>, allocation: Allocation, provider = ''): Texts {
  const { deadlineMs, expectedEndMs = 0, group = '', parent = '', kind, externalId = '' } = allocation;
  const { deleteFailure = 'its history says why' } = allocation;
  switch (rule) {
    case 'L1':
      return {
        evidence: `its outcome was expected by ${timeText(deadlineMs)}, and nobody said how it ended`,
        proposedAction: `look whether the ${kind} exists; then confirm it, or record that it failed`,
      };
    case 'L2':
      return {
        evidence: `its group '${group}' failed, and it is still ALLOCATED`,
        proposedAction: 'release it, or extend it if somebody still needs it',
      };
    case 'L3':
      return {
        evidence: `it was expected to be given back by ${timeText(expectedEndMs)}`,
        proposedAction: 'release it, or extend it',
      };
    case 'L4':
      return { evidence: `'${parent}', which it belongs to, is gone`, proposedAction: 'release it' };
    case 'L6':
      return {
        evidence: `${provider} does not list '${externalId}' any more`,
        proposedAction: 'record its release, if it is really gone',
      };
    case 'L7':
      if (!allocation.flags.includes('DELETE_FAILED')) {
        return {
          evidence: 'its deletion began, and nobody said how it ended: the command may have run, or not',
          proposedAction: `look whether the ${kind} exists; then record its release, or collect again`,
        };
      }
      return {
        evidence: `it could not be deleted: ${deleteFailure}`,
        proposedAction: 'delete it by hand and record its release; or mend what failed and have it deleted again',
      };
  }
}

/** A leak of something that only the provider knows. `hash` tells one such thing from others. */
export function unknownLeak(hash: string, kind: string, provider: string, externalId: string, nowMs: number): Leak {
  return {
    id: leakId('L5', hash),
    rule: 'L5',
    kind,
    externalId,
    provider,
    firstSeenMs: nowMs,
    evidence: `${provider} lists ${kind} '${externalId}', and no live allocation here has that name`,
    proposedAction: 'find out whose it is: register it, or delete it at the provider',
  };
}

/** Whether somebody has taken it on, now. */
export function isAcknowledged({ acknowledgement }: Leak, nowMs: number): boolean {
  return acknowledgement !== undefined && acknowledgement.untilMs > nowMs;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
