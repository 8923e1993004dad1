import type { Actor } from '@berth/kernel';
import type { EndReason, Lease, QueuedView } from '../domain/index.js';

/** The holder of a lease on a stream, which is told what will happen to the lease. Neither may throw or wait. */
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
  /** True when the stream is to end after its first message. */
  readonly tellOnce?: boolean;
  /** True while the reader does not take what it is sent: positions and heartbeats are skipped then. */
  readonly congested: boolean;
}

/** When a caller's stream is over. */
export interface CallEnd {
  readonly over: boolean;
  /** Calls `listener` once when the stream is over, at once if it is. */
  onOver(listener: () => void): void;
}
