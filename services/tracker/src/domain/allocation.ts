import type { Actor, KeepsAnswers } from '@berth/kernel';
import type { LeakRule } from './leak-rule.js';
import type { Pairs } from './pairs.js';
import { valueOf } from './pairs.js';
import { NEVER_ALLOCATED, spanClassOf } from './span-class.js';

export type AllocationState = 'INTENT' | 'ALLOCATED' | 'RELEASED' | 'FAILED';
export type AllocationFlag = 'LATE' | 'DELETE_FAILED';

/** One change of state, or of the protection, with who and why. */
export interface StateChange {
  readonly state: AllocationState;
  readonly timeMs: number;
  readonly actor: Actor;
  readonly reason: string;
}

/** How far an allocation's collection has come. */
export interface CollectionStatus {
  readonly markMs: number;
  readonly dueMs: number;
  readonly notifyMs?: number;
  readonly rule: LeakRule;
}

/** What a caller says about something that it is about to allocate. Empty texts are left out. */
export interface IntentSpec {
  readonly kind: string;
  readonly owner: string;
  readonly application?: string;
  readonly module?: string;
  readonly labels: Pairs;
  readonly attributes: Pairs;
  readonly group?: string;
  readonly externalId?: string;
  readonly expectedEndMs?: number;
  readonly protected: boolean;
  readonly parent?: string;
}

/** Fields that are there only while an index needs the document. They follow from the others. */
interface Indexed {
  /** The kind, while it is live. */
  readonly liveKind?: string;
  /** The deadline while it is an intent (L1), the expected end while it is ALLOCATED (L3). */
  readonly nextDueMs?: number;
  /** The parent, while it is ALLOCATED (L4). */
  readonly liveParent?: string;
  /** Since when it is ALLOCATED, while it is (usage). */
  readonly liveSinceMs?: number;
  /** How long it was ALLOCATED, as a class; -1 when it never was. Together with `endMs` (usage, retention). */
  readonly spanClass?: number;
  /** The benches of a lease (usage). */
  readonly benches?: readonly string[];
  /** 1 while a deletion of it is under way, or has failed, and it is live (L7). */
  readonly deletion?: 1;
}

/** An allocation as it is stored: one document, so that each change of it is atomic. Times are epoch milliseconds. */
export interface Allocation extends IntentSpec, Indexed, KeepsAnswers {
  readonly id: string;
  /** The request id that registered it, unique among all; absent when none was given. */
  readonly request?: string;
  /** What was asked for by that id. */
  readonly fingerprint?: string;
  readonly deadlineMs: number;
  readonly state: AllocationState;
  readonly flags: readonly AllocationFlag[];
  readonly history: readonly StateChange[];
  readonly createMs: number;
  readonly updateMs: number;
  readonly allocateMs?: number;
  readonly endMs?: number;
  readonly failureReason?: string;
  /** Why it could not be deleted, while it is flagged DELETE_FAILED; earlier versions kept it in the history only. */
  readonly deleteFailure?: string;
  readonly collection?: CollectionStatus;
  /**
   * Until then a command that deletes it may run; nothing else may be decided about it meanwhile. There until somebody says
   * how that ended: whoever began it may have died.
   */
  readonly deletingUntilMs?: number;
  /** The plan whose step was the last one done about it. */
  readonly collectedBy?: string;
}

export interface Registration {
  readonly id: string;
  readonly spec: IntentSpec;
  readonly timeoutMs: number;
}

/** A new intent. */
export function newIntent({ id, spec, timeoutMs }: Registration, actor: Actor, nowMs: number): Allocation {
  return indexed({
    id,
    ...spec,
    deadlineMs: nowMs + timeoutMs,
    state: 'INTENT',
    flags: [],
    history: [{ state: 'INTENT', timeMs: nowMs, actor, reason: '' }],
    createMs: nowMs,
    updateMs: nowMs,
  });
}

/** Whether it exists, or may exist. */
export function isLive({ state }: Pick<Allocation, 'state'>): boolean {
  return state === 'INTENT' || state === 'ALLOCATED';
}

/** Where it is allocated, when it says so; see LeakRule L6. */
export function providerOf({ attributes, labels }: Pick<Allocation, 'attributes' | 'labels'>): string | undefined {
  return valueOf(attributes, 'provider') ?? valueOf(labels, 'provider');
}

/** An allocation with the fields that indexes need, as they follow from the others. */
export function indexed(allocation: Allocation): Allocation {
  const { id, ...facts } = withoutIndexed(allocation);
  const { state, allocateMs, endMs, expectedEndMs, parent, flags, deletingUntilMs } = facts;
  const held = state === 'ALLOCATED';
  const named = benchesOf(facts);
  const nextDueMs = held ? expectedEndMs : facts.deadlineMs;
  return {
    id,
    ...facts,
    ...(isLive(facts) && { liveKind: facts.kind }),
    ...(isLive(facts) && nextDueMs !== undefined && { nextDueMs }),
    ...(held && parent !== undefined && { liveParent: parent }),
    ...(held && allocateMs !== undefined && { liveSinceMs: allocateMs }),
    ...(endMs !== undefined && {
      spanClass: allocateMs === undefined ? NEVER_ALLOCATED : spanClassOf(endMs - allocateMs),
    }),
    ...(named.length > 0 && { benches: named }),
    ...(isLive(facts) &&
      (deletingUntilMs !== undefined || flags.includes('DELETE_FAILED')) && { deletion: 1 as const }),
  };
}

type Facts = Omit<Allocation, keyof Indexed>;

function withoutIndexed(allocation: Allocation): Facts {
  // Taken apart, not deleted from a copy: objects that had fields deleted are slow from then on, for whoever uses them.
  const { liveKind: _1, nextDueMs: _2, liveParent: _3, liveSinceMs: _4, ...others } = allocation;
  const { spanClass: _5, benches: _6, deletion: _7, ...facts } = others;
  return facts;
}

/** The benches of a lease: its attribute or label `bench`, several of them separated by commas. */
function benchesOf({ kind, attributes, labels }: Pick<Allocation, 'kind' | 'attributes' | 'labels'>): string[] {
  if (kind !== 'lease') return [];
  const text = valueOf(attributes, 'bench') ?? valueOf(labels, 'bench') ?? '';
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
