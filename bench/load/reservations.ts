import { inParallel } from './in-parallel.js';
import { LeaseCalls } from './lease-calls.js';

export interface ReserveJob {
  readonly address: string;
  readonly benches: readonly string[];
  /** How many reservations each bench has, one after the other. */
  readonly each: number;
  /** When the first begins. */
  readonly inSeconds: number;
}

const LENGTH_SECONDS = 3600;

/** Reserves benches. */
export async function reserveBenches({ address, benches, each, inSeconds }: ReserveJob): Promise<void> {
  const calls = new LeaseCalls(address, 1);
  const wanted = benches.flatMap((bench) => Array.from({ length: each }, (_, i) => ({ bench, i })));
  await inParallel(wanted, ({ bench, i }) =>
    calls.reserve(`${bench}-${String(i)}`, bench, inSeconds + i * LENGTH_SECONDS, LENGTH_SECONDS),
  );
  calls.close();
}

export interface ShutOutJob {
  readonly address: string;
  readonly bench: string;
  readonly count: number;
  /** How long the first wants the bench at most; each of the others a second longer. */
  readonly fromSeconds: number;
}

const PRIORITY = 100;

/** Lets many requests wait without streams, each for a time of its own, before all that come later. */
export async function joinShutOut({ address, bench, count, fromSeconds }: ShutOutJob): Promise<void> {
  const calls = new LeaseCalls(address, 1);
  await inParallel(Array(count).keys(), (i) => placed(calls, { bench, maxSeconds: fromSeconds + i }));
  calls.close();
}

function placed(calls: LeaseCalls, wish: { readonly bench: string; readonly maxSeconds: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = calls.acquire({ ...wish, priority: PRIORITY, unattended: true });
    stream.on('data', () => {
      resolve();
    });
    stream.on('error', reject);
  });
}
