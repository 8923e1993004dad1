import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { SeededRandom } from './seeded-random.js';
import { givenSeed, seededRandom } from './seeded-random.js';

function runsOf(t: ExecutionContext, runs: number, seed = givenSeed()): { seed: number; numRuns: number } {
  const { BERTH_RUNS } = process.env;
  const numRuns = BERTH_RUNS === undefined ? runs : Number(BERTH_RUNS);
  t.log(`BERTH_SEED=${String(seed)} BERTH_RUNS=${String(numRuns)}`);
  return { seed, numRuns };
}

/**
 * Checks a property with `BERTH_SEED` (default: another one each time) and `BERTH_RUNS` (default: `runs`). A failure names
 * seed and path of its counterexample; the same seed gives the same runs.
 */
export function checkSeeded<T>(t: ExecutionContext, runs: number, property: fc.IProperty<T>): void {
  fc.assert(property, { ...runsOf(t, runs), includeErrorInReport: true });
  t.pass();
}

/**
 * Runs something with one seed after the other, from 1 on or from `BERTH_SEED`, so that a run without it is always the same; a
 * failure names the seed, which gives the same run again.
 */
export async function runSeeds(
  t: ExecutionContext,
  runs: number,
  run: (random: SeededRandom) => Promise<readonly string[]>,
): Promise<void> {
  const { seed: first, numRuns } = runsOf(t, runs, process.env['BERTH_SEED'] === undefined ? 1 : givenSeed());
  t.timeout(60_000 + 1_000 * numRuns);
  for (let seed = first; seed < first + numRuns; seed++) {
    const faults = await run(seededRandom(seed));
    if (faults.length > 0) t.fail([`BERTH_SEED=${String(seed)} BERTH_RUNS=1 repeats this:`, ...faults].join('\n'));
    if (faults.length > 0) return;
  }
  t.pass();
}

/** Lets all promises and immediates that are ready come to rest: an immediate may set another one going. */
export async function turn(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
