import type { Clock } from '@berth/kernel';
import { pause } from '@berth/kernel';
import type { HeldLock, Locks } from '@berth/storage';

/** What a turn of a worker consists of. */
export type Step = 'election' | 'work';

export interface WorkerOptions {
  readonly clock: Clock;
  readonly locks: Locks;
  /** The lock's name: the process that holds it is the elected one. */
  readonly lock: string;
  readonly lockTtlMs: number;
  /** The work of the elected process. It ends soon after the signal aborts, at the stop or when the lock is lost. */
  readonly work: (signal: AbortSignal, lock: HeldLock) => Promise<void>;
  /** The turn of a process that is not elected, also when nobody can be; absent = it does nothing. */
  readonly standBy?: () => Promise<void>;
  /** The time from the end of a turn to the next one. */
  readonly againMs: number;
  /** The same after a turn that failed. */
  readonly retryMs: () => number;
  /** Told after each step how it went, with the error when it failed, and awaited; not after the stop. */
  readonly went: (step: Step, error?: unknown) => void | Promise<void>;
}

/**
 * Does work again and again, on one process of all that share the locks.
 *
 * The elected process keeps the lock from turn to turn. It gives it back after a turn that failed, since another process may
 * be able to do the work, and at the stop; from a dead one it is taken over when `lockTtlMs` is over. Work of this process
 * never overlaps. Work of two processes can: one that was paused for longer than `lockTtlMs` goes on before it learns that
 * the lock is lost, while the other has begun. So work writes by compare-and-swap, and asks `lock.isHeld()` right before what
 * cannot be taken back.
 */
export class Worker {
  #lock: HeldLock | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(private readonly options: WorkerOptions) {}

  /** Aborts at the stop. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The first turn is at once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the present turn has ended and the lock is given back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#giveBack();
  }

  async #run(): Promise<void> {
    while (!this.signal.aborted) await pause(this.options.clock, await this.#turn(), this.signal);
  }

  /** Does one turn; answers how long to wait then. */
  async #turn(): Promise<number> {
    const elected = await this.#tried('election', () => this.#elect());
    const worked = await this.#tried('work', () => this.#work());
    if (elected && worked) return this.options.againMs;
    await this.#giveBack();
    return this.options.retryMs();
  }

  /** Whether a step went well. */
  async #tried(step: Step, act: () => Promise<void>): Promise<boolean> {
    let failure: { readonly error: unknown } | undefined;
    await act().catch((error: unknown) => {
      failure = { error };
    });
    if (!this.signal.aborted) await this.options.went(step, failure?.error);
    return failure === undefined;
  }

  async #elect(): Promise<void> {
    const { locks, lock, lockTtlMs } = this.options;
    if (this.#lock?.isHeld() === true) return;
    this.#lock = undefined;
    this.#lock = await locks.acquire(lock, lockTtlMs);
  }

  async #work(): Promise<void> {
    const { work, standBy } = this.options;
    if (this.#lock === undefined) await standBy?.();
    else await work(AbortSignal.any([this.#lock.signal, this.signal]), this.#lock);
  }

  async #giveBack(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    // One that cannot be given back ends by itself.
    await lock?.release().catch(() => undefined);
  }
}
