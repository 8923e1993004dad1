import type { LabState, Lease, QueueViews, RequestSpec } from '../domain/index.js';
import type { AcquireSink, CallEnd, Holder } from './acquire-sink.js';
import type { Command } from './command.js';
import type { WatchReader } from './watch-ring.js';

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
