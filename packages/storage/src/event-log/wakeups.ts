import type { Clock } from '@berth/kernel';

/** Waiters for the next change. Level-triggered use: look at the state first, then wait in the same turn. */
export class Wakeups {
  #waiting = new Set<() => void>();

  /** Ends all waits. */
  wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resume of waiting) resume();
  }

  /** Resolves at the next `wake`, when `signal` aborts, or after `ms` when given; never rejects. */
  next(signal: AbortSignal, clock?: Clock, ms = 0): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        signal.removeEventListener('abort', resume);
        timer?.cancel();
        resolve();
      };
      const timer = clock?.after(ms, resume);
      signal.addEventListener('abort', resume, { once: true });
      this.#waiting.add(resume);
    });
  }
}
