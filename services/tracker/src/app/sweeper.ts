import type { Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { HeldLock } from '../ports/collections.js';
import { lastSweepMs } from './leaks.js';
import { Retention } from './retention.js';
import { sweep } from './sweep.js';
import type { TrackerContext } from './tracker-context.js';

const LOCK = 'tracker-sweep';
const LOCK_TTL_MS = 30_000;
/** After a failure it is tried again sooner. */
const RETRY_MS = 1000;

/** Looks for leaks at an interval, and forgets what is old, on one replica: the one that holds the lock. */
export class Sweeper {
  #timer: Timer | undefined;
  #lock: HeldLock | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #retention = new Retention();
  readonly #stopping = new AbortController();

  constructor(
    private readonly context: () => TrackerContext,
    private readonly storeWorks: (works: boolean) => void,
  ) {}

  /** The first look is at once. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#running;
    await this.#lock?.release().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { clock, logger, settings } = this.context();
    let againMs = settings.sweepMs;
    try {
      await this.#sweep();
      this.storeWorks(true);
    } catch (error) {
      againMs = Math.min(againMs, RETRY_MS);
      if (error instanceof BerthError && error.kind === 'unavailable') this.storeWorks(false);
      logger.error(
        { err: error },
        'a sweep (leaks, then what is old enough to be forgotten) failed; it is tried again',
      );
    }
    if (this.#stopping.signal.aborted) return;
    this.#timer = clock.after(againMs, () => {
      this.#running = this.#run();
    });
  }

  async #sweep(): Promise<void> {
    const context = this.context();
    if (this.#lock === undefined || this.#lock.signal.aborted) {
      this.#lock = await context.locks.acquire(LOCK, LOCK_TTL_MS);
    }
    if (this.#lock === undefined) {
      // Another replica looks for leaks; this one only looks whether the store answers.
      await lastSweepMs(context);
      return;
    }
    const signal = AbortSignal.any([this.#lock.signal, this.#stopping.signal]);
    await sweep(context, signal);
    await this.#retention.run(context, signal);
  }
}
