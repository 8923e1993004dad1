import type { Clock } from '@berth/kernel';
import { pause } from '@berth/kernel';

/** After the store could not be asked for changes. */
const AGAIN_MS = 1000;

/** Tickets as they change, until the signal aborts; also by other processes. */
type WatchTickets = (signal: AbortSignal) => AsyncIterable<{ readonly value: { readonly id: string } }>;

/**
 * Calls that wait for tickets, by the tickets' ids: a change on this process wakes them at once, one on another process soon.
 * Changes are watched only while somebody waits.
 */
export class TicketListeners {
  readonly #listeners = new Map<string, Set<() => void>>();
  #count = 0;
  #watching: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly watch: WatchTickets,
  ) {}

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
      listeners.delete(wake);
      if (listeners.size === 0) this.#listeners.delete(id);
      this.#counted(-1);
    });
    const wake = (): void => {
      listener.wake();
    };
    listeners.add(wake);
    this.#counted(1);
    return listener;
  }

  #counted(more: 1 | -1): void {
    this.#count += more;
    if (this.#count === 0) {
      this.#watching?.abort();
      this.#watching = undefined;
    } else if (this.#watching === undefined) {
      this.#watching = new AbortController();
      void this.#follow(this.#watching.signal);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { value } of this.watch(signal)) this.wake(value.id);
      } catch {
        // The store is away. Those that wait look for themselves now and then, and tell it.
      }
      await pause(this.clock, AGAIN_MS, signal);
    }
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
