import type {
  Actor,
  Draft,
  EndReason,
  LabState,
  Lease,
  Outcome,
  Planned,
  QueuedView,
  QueueViews,
  RequestSpec,
  Step,
} from '../domain/index.js';
import type { Refusal } from '../ports/event-log.js';
import type { WatchReader } from './watch-ring.js';

export type { WatchReader } from './watch-ring.js';

/** A command to a lab: planned, committed, answered. */
export interface Command<A> {
  /** The caller's request id; '' = the command is not remembered. */
  readonly requestId: string;
  /** Of the whole payload, without the request id. */
  readonly fingerprint: string;
  /** Plan and answer as if, and change nothing. */
  readonly validateOnly?: boolean;
  readonly plan: (draft: Draft) => Planned<A>;
  /**
   * The answer to a repeat of the command, from what was remembered of the first time. Needed where planning it once more
   * would fail (what was removed can't be removed again); without it the plan's own `answer` is called.
   */
  readonly repeated?: (data: string, state: LabState) => A;
  /** For a command whose own steps remember its outcome (Acquire): tells a repeat what became of it, by throwing. */
  readonly remembered?: (outcome: Outcome) => A;
  /** Told when the store refused one of its steps; true = that is as good as done, and the command is answered. */
  readonly refused?: (step: Step, refusal: Refusal) => boolean;
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
  /** Waits and holds for a caller until its stream is over or its lease ends; rejects when it can't be served. */
  acquire(spec: RequestSpec, sink: AcquireSink, call: CallEnd): Promise<void>;
  /** Tells a holder what will happen to its lease, until the lease ends or the returned function is called. */
  watchLease(lease: Lease, holder: Holder): () => void;
  /** Starts TTL leases' time to live anew; for each whether it was done (false: it has ended). */
  touch(leases: readonly Lease[]): Promise<readonly boolean[]>;
}
