import type { Clock } from '@berth/kernel';

/** Calls that wait for tickets, by the tickets' ids, so that a change on this process wakes them at once. */
export class TicketListeners {
  readonly #listeners = new Map<string, Set<() => void>>();
  #count = 0;

  constructor(private readonly clock: Clock) {}

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  wake(id: string): void {
    for (const wake of this.#listeners.get(id) ?? []) wake();
  }

  /** A listener for changes of a ticket from now on; to be closed. */
  listen(id: string): TicketListener {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    const listener = new TicketListener(this.clock, () => {
      this.#count -= 1;
      listeners.delete(wake);
      if (listeners.size === 0) this.#listeners.delete(id);
    });
    const wake = (): void => {
      listener.wake();
    };
    listeners.add(wake);
    this.#count += 1;
    return listener;
  }
}

/** One call that waits for a ticket. */
class TicketListener {
  #changed = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    readonly close: () => void,
  ) {}

  wake(): void {
    this.#changed = true;
    this.#wake();
  }

  /** Resolves at the next change that was not waited for yet, after this time, or when the signal aborts. */
  change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        if (!this.#changed && !signal.aborted) return;
        finish();
      };
      const finish = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', done);
        this.#wake = () => undefined;
        this.#changed = false;
        resolve();
      };
      const timer = this.clock.after(ms, finish);
      this.#wake = done;
      signal.addEventListener('abort', done);
      done();
    });
  }
}
