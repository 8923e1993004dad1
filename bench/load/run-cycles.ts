import { kindName } from '../servers/inventory.js';
import type { CycleKind } from './cycles.js';
import { cycle } from './cycles.js';
import { LeaseCalls } from './lease-calls.js';

export interface CyclesJob {
  readonly address: string;
  /** What each call shows; absent = nothing. */
  readonly token?: string;
  readonly how: CycleKind;
  readonly seconds: number;
  readonly connections: number;
  readonly kinds: number;
  /** Cycles that are under way at any time: as fast as they go. */
  readonly concurrency?: number;
  /** Cycles to begin a second, whatever becomes of those before. */
  readonly perSecond?: number;
}

export interface CyclesResult {
  /** All that were begun, those that are under way at the end too. */
  readonly cycles: number;
  readonly perSecond: number;
  /** Of each cycle, in ms. */
  readonly latencies: readonly number[];
  readonly waited: number;
}

/** Runs cycles for some seconds; those that are under way at the end are finished, and do not count for the rate. */
export async function runCycles(job: CyclesJob): Promise<CyclesResult> {
  const calls = new LeaseCalls(job.address, job.connections, job.token);
  const run = new CycleRun(calls, job);
  try {
    await (job.perSecond === undefined ? run.closedLoop(job.concurrency ?? 1) : run.paced(job.perSecond));
  } finally {
    calls.close();
  }
  return run.result();
}

class CycleRun {
  readonly #started = performance.now();
  readonly #until: number;
  readonly #latencies: number[] = [];
  #waited = 0;
  #number = 0;

  constructor(
    private readonly calls: LeaseCalls,
    private readonly job: CyclesJob,
  ) {
    this.#until = this.#started + job.seconds * 1000;
  }

  async closedLoop(concurrency: number): Promise<void> {
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (performance.now() < this.#until) await this.#one();
      }),
    );
  }

  /**
   * Begins cycles on schedule. Those that fell due in one tick (1 ms) of the timer begin together, at ceiling and subject
   * alike; latency counts from the real beginning, and no cycle waits for another one, so nothing is left out.
   */
  async paced(perSecond: number): Promise<void> {
    const running: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now();
        const due = Math.floor(((now - this.#started) / 1000) * perSecond) - running.length;
        for (let i = 0; i < due; i++) running.push(this.#one());
        if (now < this.#until) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    await Promise.all(running);
  }

  result(): CyclesResult {
    const { length } = this.#latencies;
    return {
      cycles: this.#number,
      perSecond: length / this.job.seconds,
      latencies: this.#latencies,
      waited: this.#waited,
    };
  }

  async #one(): Promise<void> {
    const { ms, waited } = await cycle(this.calls, this.job.how, kindName(this.#number++ % this.job.kinds));
    if (waited) this.#waited++;
    if (this.job.perSecond !== undefined || performance.now() < this.#until) this.#latencies.push(ms);
  }
}
