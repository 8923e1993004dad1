import { BerthError } from '@berth/kernel';
import type { HeldLock, Locks } from './lock.js';

/** A holder of a lock by name, within this process. */
class InProcessLock implements HeldLock {
  readonly #ending = new AbortController();

  constructor(
    readonly name: string,
    readonly held: Map<string, InProcessLock>,
  ) {}

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  isHeld(): boolean {
    return !this.signal.aborted;
  }

  release(): Promise<void> {
    if (this.held.get(this.name) === this) this.held.delete(this.name);
    this.#ending.abort(new Error(`the lock ${this.name} was released`));
    return Promise.resolve();
  }
}

class InProcessLocks implements Locks {
  readonly #held = new Map<string, InProcessLock>();
  #closed = false;

  acquire(name: string): Promise<HeldLock | undefined> {
    if (this.#closed)
      return Promise.reject(new BerthError('SHUTTING_DOWN', 'the locks are closed; the server is stopping'));
    if (this.#held.has(name)) return Promise.resolve(undefined);
    const lock = new InProcessLock(name, this.#held);
    this.#held.set(name, lock);
    return Promise.resolve(lock);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lock of this.#held.values()) await lock.release();
  }
}

/**
 * Locks among the users of this one object, for a process that has its store for itself. They are never lost before they
 * are released: whoever would take one over is paused, or dead, together with its holder.
 */
export function inProcessLocks(): Locks {
  return new InProcessLocks();
}
