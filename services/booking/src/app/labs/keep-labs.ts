import { Worker } from '@berth/documents';
import { pause } from '@berth/kernel';
import { labOf } from '../../domain/index.js';
import type { Locks } from '../../ports/collections.js';
import type { BookingContext } from '../booking-context.js';
import type { TurnSays } from '../roots/ledger-keeper.js';
import { LabFollower } from './lab-follower.js';

const AGAIN_MS = 1000;
const LOCK_TTL_MS = 30_000;
/** How often labs are looked for that another process has booked on. */
const LOOK_MS = 5000;

/** Keeps all labs and their ledgers equal, on one process of all that share the locks: the elected one. */
export class LabKeeper {
  readonly #worker: Worker;

  constructor(
    private readonly context: () => BookingContext,
    clock: BookingContext['clock'],
    locks: Locks,
    said: TurnSays,
  ) {
    this.#worker = new Worker({
      clock,
      locks,
      lock: 'booking-labs',
      lockTtlMs: LOCK_TTL_MS,
      work: (signal) => this.#work(signal),
      againMs: AGAIN_MS,
      retryMs: () => AGAIN_MS,
      went: said,
    });
  }

  start(): void {
    this.#worker.start();
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { roots, clock } = this.context();
    const following = new Map<string, Promise<void>>();
    const over = new AbortController();
    const forget = roots.onFound((replica) => {
      if (labOf(replica.root) === undefined || following.has(replica.root)) return;
      const follower = new LabFollower(this.context(), replica);
      following.set(replica.root, follower.run(AbortSignal.any([signal, over.signal])));
    });
    try {
      while (!signal.aborted) {
        await roots.refresh();
        await pause(clock, LOOK_MS, signal);
      }
    } finally {
      forget();
      over.abort();
      await Promise.all(following.values());
    }
  }
}
