import type { Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { HeldLock } from '../ports/collections.js';
import { lastSweepMs } from './leaks.js';
import { Retention } from './retention.js';
import { sweep } from './sweep.js';
import type { PartSays, TrackerContext } from './tracker-context.js';

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
    private readonly storeWorks: PartSays,
    private readonly locksWork: PartSays,
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
    const { clock, settings } = this.context();
    // Also without an election it looks whether the store answers: each has a say of its own.
    const elected = await this.#tried(this.locksWork, () => this.#elect());
    const swept = await this.#tried(this.storeWorks, () => this.#sweep());
    if (this.#stopping.signal.aborted) return;
    const againMs = elected && swept ? settings.sweepMs : Math.min(settings.sweepMs, RETRY_MS);
    this.#timer = clock.after(againMs, () => {
      this.#running = this.#run();
    });
  }

  /** Whether it went well. What is away is told to its part, which logs an outage once; anything else is logged here. */
  async #tried(works: PartSays, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      works(true);
      return true;
    } catch (error) {
      if (error instanceof BerthError && error.kind === 'unavailable') works(false, error);
      else {
        const text = 'a sweep (leaks, then what is old enough to be forgotten) failed; it is tried again';
        this.context().logger.error({ err: error }, text);
      }
      return false;
    }
  }

  async #elect(): Promise<void> {
    if (this.#lock?.signal.aborted === false) return;
    this.#lock = undefined;
    this.#lock = await this.context().locks.acquire(LOCK, LOCK_TTL_MS);
  }

  async #sweep(): Promise<void> {
    const context = this.context();
    if (this.#lock === undefined) {
      // Another replica looks for leaks, or nobody can be elected; this one only looks whether the store answers.
      await lastSweepMs(context);
      return;
    }
    const signal = AbortSignal.any([this.#lock.signal, this.#stopping.signal]);
    await sweep(context, signal);
    await this.#retention.run(context, signal);
  }
}
