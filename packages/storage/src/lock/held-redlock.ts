import type { Clock, Timer } from '@berth/kernel';
import type { Lock } from 'redlock';
import { ExecutionError, ResourceLockedError } from 'redlock';
import { within } from './within.js';
import type { HeldLock } from './lock.js';

/** What Redis and this process may count differently, of a time to live: 1 %, and 2 ms for whole milliseconds. */
export function surelyMs(ttlMs: number): number {
  return ttlMs * 0.99 - 2;
}

/** Whether a majority of nodes said that the lock is not this holder's any more; without an answer nobody knows. */
async function takenAway(error: unknown, clock: Clock, withinMs: number): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const stats = await within(error.attempts.at(-1) ?? Promise.resolve(undefined), clock, withinMs);
  if (stats === undefined) return false;
  const refusals = [...stats.votesAgainst.values()].filter((vote) => vote instanceof ResourceLockedError);
  return refusals.length >= stats.quorumSize;
}

/**
 * A lock on a majority of nodes. It is extended each third of its time to live. It is lost when a majority of nodes says
 * so, or when no extension succeeded until its time was over, counted from before the last one was asked for: then the
 * nodes cannot have given it to somebody else before its signal aborts, as long as this process runs.
 */
export class HeldRedlock implements HeldLock {
  readonly #ending = new AbortController();
  #next: Timer;
  #deadline: Timer;
  #untilMs = -Infinity;

  constructor(
    readonly name: string,
    readonly ttlMs: number,
    readonly clock: Clock,
    private lock: Lock,
    askedAt: number,
  ) {
    this.#next = clock.after(ttlMs / 3, () => void this.#extend());
    this.#deadline = this.#expireAt(askedAt);
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  isHeld(): boolean {
    if (this.clock.monotonic() >= this.#untilMs) this.#expire();
    return !this.signal.aborted;
  }

  async release(): Promise<void> {
    if (!this.#end('was released')) return;
    // What cannot be released now ends by itself; nobody extends it any more.
    await within(
      this.lock.release().catch(() => undefined),
      this.clock,
      this.ttlMs,
    );
  }

  #end(how: string): boolean {
    if (this.signal.aborted) return false;
    this.#next.cancel();
    this.#deadline.cancel();
    this.#ending.abort(new Error(`the lock ${this.name} ${how}`));
    return true;
  }

  /** Looked at anew after a wait. */
  #isOver(): boolean {
    return this.signal.aborted;
  }

  #expireAt(askedAt: number): Timer {
    this.#untilMs = askedAt + surelyMs(this.ttlMs);
    return this.clock.after(this.#untilMs - this.clock.monotonic(), () => {
      this.#expire();
    });
  }

  #expire(): void {
    this.#end('is lost: it was not extended in time');
  }

  async #extend(): Promise<void> {
    if (this.signal.aborted) return;
    const askedAt = this.clock.monotonic();
    let next = this.ttlMs / 3;
    try {
      const extended = await within(this.lock.extend(this.ttlMs), this.clock, this.ttlMs / 3);
      if (extended !== undefined) {
        this.lock = extended;
        if (this.#isOver()) return;
        this.#deadline.cancel();
        this.#deadline = this.#expireAt(askedAt);
      }
    } catch (error) {
      if (await takenAway(error, this.clock, this.ttlMs / 3)) this.#end('is lost: another has it, or Redis forgot it');
      next = this.ttlMs / 10;
    }
    if (!this.#isOver()) this.#next = this.clock.after(next, () => void this.#extend());
  }
}
