/** A lock that is held. */
export interface HeldLock {
  /** Aborts when the lock is lost or released: stop what it protects. */
  readonly signal: AbortSignal;
  /**
   * Whether it is certainly still held. Asks the clock: a process that was paused and goes on would come to know by the
   * signal only some steps later. When it is not, the signal is aborted.
   */
  isHeld(): boolean;
  release(): Promise<void>;
}

/**
 * Elects one worker among the processes of a store. A lock is kept alive while it is held, and lost when its process dies
 * or is paused for longer than its time to live. It is *not* a guard by itself: a paused former holder may still write, so
 * what it writes must be compare-and-swap.
 */
export interface Locks {
  /**
   * Takes a lock if nobody has it; undefined when somebody does. Throws STORE_UNAVAILABLE when that cannot be found out,
   * because no majority of the lock servers answers, and SHUTTING_DOWN once these locks are closed.
   */
  acquire(name: string, ttlMs: number): Promise<HeldLock | undefined>;
  close(): Promise<void>;
}
