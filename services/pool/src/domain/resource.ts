import type { KeepsAnswers } from '@berth/kernel';
import type { Hook, Tag } from './options/options.js';

export const RESOURCE_STATES = ['STARTING', 'UP', 'RELEASING', 'DELETING', 'DELETE_FAILED', 'ENDED'] as const;

/**
 * - STARTING: `cmd_new` is about to run, or runs.
 * - UP: it has a bench, or gets one; free or leased.
 * - RELEASING: its lease is over and `cmd_release` is about to run, or runs. Its bench is lent to nobody.
 * - DELETING: its bench is gone; `cmd_delete` is about to run, runs, or is tried again.
 * - DELETE_FAILED: the same after three failures of `cmd_delete`: a leak.
 * - ENDED: it is gone; its numbers are given up.
 */
export type ResourceState = (typeof RESOURCE_STATES)[number];

/** The commands that are run for one resource. */
export type ResourceHook = Exclude<Hook, 'list'>;

/** A process group by the number and the start of its leader. */
export interface GroupLeader {
  readonly pid: number;
  readonly startTime: string;
}

/** A command that runs, or is about to. */
export interface Running {
  readonly hook: ResourceHook;
  /** The n of its idempotency key. */
  readonly attempt: number;
  /** Tells this run from all others. */
  readonly run: string;
  /** The machine on which it runs, so that only that machine's processes are looked at. */
  readonly host: string;
  readonly sinceMs: number;
  /** From then on it certainly runs no more, wherever it ran: its gate has ended it. */
  readonly untilMs: number;
  /** Its processes; absent until they are known: then it has not begun. */
  readonly process?: GroupLeader;
}

/** A lease on a resource. */
export interface LeaseOfResource {
  readonly id: string;
  readonly fencingToken: number;
  /** The affinity of its request; '' = none. */
  readonly sandbox: string;
  readonly sinceMs: number;
}

/** What is known of the bench of a resource. */
export interface Supply {
  readonly askedMs: number;
  /** The revision of the lab at which it was added; absent until that is known. */
  readonly revision?: number;
}

/** Why a resource is to go at once, whoever has it (but see `unused`). */
export interface Doom {
  readonly reason: string;
  readonly timeMs: number;
  /** Only if nobody has it, or waits for it; forgotten when somebody gets it before. */
  readonly unused?: boolean;
}

/** What the tracker has been told of a resource. */
export interface ToldToTracker {
  /** The allocation's id, once its intent is registered. */
  readonly allocation?: string;
  /** Whether it knows that the resource was made. */
  readonly up?: boolean;
  /** As many failed deletions as it knows of. */
  readonly failedDeletes?: number;
  /** Whether it knows the end. */
  readonly end?: boolean;
}

/** Something that a pool makes, has or had; a document. Times are milliseconds since the epoch. */
export interface Resource extends KeepsAnswers {
  /** Its number, in digits. */
  readonly id: string;
  readonly number: number;
  /** The name of its bench. */
  readonly name: string;
  readonly pool: string;
  readonly lab: string;
  readonly idInPool: number;
  readonly counters: Readonly<Record<string, number>>;
  /** `<pool>/<idInPool>`; unique, absent once ENDED. */
  readonly liveIdInPool?: string;
  /** `<counter>/<value>` each; unique, absent once ENDED, and without counters. */
  readonly liveCounters?: readonly string[];
  /** Its name; unique, absent once ENDED. */
  readonly liveName?: string;
  readonly state: ResourceState;
  /** What its pool's tags were when it was made. */
  readonly tags: readonly Tag[];
  /** What `cmd_new` printed, in base64; '' when nothing. */
  readonly data: string;
  /** The sandbox of its last lease; '' = none. */
  readonly sandbox: string;
  /** How many of its leases have ended. */
  readonly releases: number;
  /** Of each command, how many outcomes are known. */
  readonly attempts: Readonly<Record<ResourceHook, number>>;
  /** `cmd_new`, `cmd_release` or `cmd_delete`; never two at a time. */
  readonly running?: Running;
  /** `cmd_livecheck`. */
  readonly checking?: Running;
  /** Its lease is over and its release done: its bench is to be given free. Only while RELEASING. */
  readonly released?: boolean;
  readonly supply?: Supply;
  readonly lease?: LeaseOfResource;
  /** The last lease, from its end until its release is over: what `cmd_release` is told of. */
  readonly lastLease?: LeaseOfResource;
  readonly doom?: Doom;
  /** The reason for which it goes or went; '' = it does not. */
  readonly endReason: string;
  /** Since the last livecheck that passed. */
  readonly failedChecks: number;
  readonly lastCheckMs?: number;
  readonly failedDeletes: number;
  /** When a failed deletion is tried again. */
  readonly retryMs?: number;
  readonly lastError: string;
  /** An operator says that it is gone. */
  readonly forgotten?: boolean;
  readonly createMs: number;
  readonly upMs?: number;
  readonly firstLeaseMs?: number;
  /** Since when it is UP and not leased. */
  readonly freeSinceMs?: number;
  readonly leakMs?: number;
  readonly endMs?: number;
  readonly updateMs: number;
  readonly told: ToldToTracker;
  /** 1 while the tracker is to be told something; absent otherwise. */
  readonly untold?: number;
}

/** Whether it still counts in its pool's `max`, and has its numbers. */
export function isLive({ state }: Pick<Resource, 'state'>): boolean {
  return state !== 'ENDED';
}
