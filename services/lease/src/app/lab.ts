import type {
  Actor,
  Draft,
  EndReason,
  LabState,
  Lease,
  Outcome,
  QueuedView,
  QueueViews,
  RequestSpec,
  Step,
} from '../domain/index.js';
import type { Refusal } from '../ports/event-log.js';
import type { WatchReader } from './watch-ring.js';

export type { WatchReader } from './watch-ring.js';

/**
 * A command to a lab: planned, committed, and answered with what its planning made. An answer is plain data of what this
 * very command does: nothing that is planned after it, in the same batch or later, shows in it.
 */
export interface Command<A> {
  /** The caller's request id; '' = the command is not remembered. */
  readonly requestId: string;
  /** Of the whole payload, without the request id. */
  readonly fingerprint: string;
  /** Plan and answer as if, and change nothing. */
  readonly validateOnly?: boolean;
  /** Plans, and makes the answer. Revisions in it are the draft's. */
  readonly plan: (draft: Draft) => A;
  /** How the answer is kept for repeats. Absent for one that its own steps remember (Acquire), or that has no request id. */
  readonly memory?: AnswerMemory<A>;
  /** The answer to a repeat, from what is remembered of the first time; may throw instead. */
  readonly repeated?: (remembered: Outcome) => A;
  /** Called in the turn in which the command is committed, before anything else can change. May throw instead of an answer. */
  told?(answer: A): void;
  /** Told when the store refused one of its steps; true = that is as good as done, and the command is answered. */
  readonly refused?: (step: Step, refusal: Refusal) => boolean;
}

/** The revision that an event got from the store, by the one that it had in its draft. */
export type RevisionOf = (drafted: number) => number;

/** What a kind of answer can do. */
export interface AnswerMemory<A> {
  /** Without spaces. */
  encode(answer: A): string;
  /** The answer with the revisions that the store gave; not told before. */
  revise(answer: A, revisionOf: RevisionOf): A;
}

/** Who holds a lease on a stream, and is told what will happen to it. Neither may throw or wait. */
export interface Holder {
  warning(
    kind: 'EXPIRY' | 'BENCH_WANTED' | 'BENCH_CHANGED' | 'SHUTDOWN',
    remainingMs: number | undefined,
    message: string,
  ): void;
  /** The lease has ended: nothing more is told. */
  leaseOver?(): void;
}

/** How a caller's stream is told what becomes of its request. Calls come in order; none may throw or wait. */
export interface AcquireSink extends Holder {
  /** The newest view; called at once and on changes, at most every 200 ms. */
  queued(view: QueuedView): void;
  granted(lease: Lease, remainingMs: number | undefined): void;
  /** A sign of life; `remainingMs` is how long a connection lease is valid (undefined while it waits). */
  heartbeat(nowMs: number, remainingMs: number | undefined): void;
  ended(leaseId: string, reason: EndReason, actor: Actor, message: string, atMs: number): void;
  /** True while the reader does not take what it is sent: positions and heartbeats are skipped then. */
  readonly congested: boolean;
}

/** When a caller's stream is over. */
export interface CallEnd {
  readonly over: boolean;
  /** Calls `listener` once when the stream is over, at once if it is. */
  onOver(listener: () => void): void;
}

/** One lab on one replica. */
export interface Lab {
  readonly name: string;
  /** What is committed; read it, never keep parts of it over an await. */
  readonly state: LabState;
  readonly views: QueueViews;
  /** The changes of the lab as they are committed, for watchers. */
  readonly changes: {
    /** Resolves when this replica has seen the revision; throws REVISION_TRIMMED when it does not within 2 s. */
    reach(revision: number): Promise<void>;
    /**
     * Reads the records after a revision that was reached; `woken` is called when there are more, and must not throw. Read
     * `state` and its revision first (in one turn), then read from that revision.
     */
    read(from: number, woken: () => void): WatchReader;
  };
  /** The store's clock. */
  now(): number;
  /** How long a lease is valid from now; undefined = no end is known. */
  remainingMs(lease: Lease): number | undefined;
  run<A>(command: Command<A>): Promise<A>;
  /** Resolves when the state has all that was committed, by any replica, before the call: for negative answers. */
  upToDate(): Promise<void>;
  /** Resolves when the lab is filled again after the store had lost it; STORE_UNAVAILABLE when that does not succeed. */
  stocked(): Promise<void>;
  /** Waits and holds for a caller until its stream is over or its lease ends; rejects when it can't be served. */
  acquire(spec: RequestSpec, sink: AcquireSink, call: CallEnd): Promise<void>;
  /** Tells a holder what will happen to its lease, until the lease ends or the returned function is called. */
  watchLease(lease: Lease, holder: Holder): () => void;
  /** Starts TTL leases' time to live anew; for each whether it was done (false: it has ended). */
  touch(leases: readonly Lease[]): Promise<readonly boolean[]>;
}
