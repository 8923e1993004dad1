import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/**
 * Checks a property with `BERTH_SEED` (default: another one each time) and `BERTH_RUNS` (default: `runs`). A failure names
 * seed and path of its counterexample; the same seed gives the same runs.
 */
export function checkSeeded<T>(t: ExecutionContext, runs: number, property: fc.IProperty<T>): void {
  const { BERTH_SEED, BERTH_RUNS } = process.env;
  const seed = BERTH_SEED === undefined ? Date.now() & 0x7fffffff : Number(BERTH_SEED);
  const numRuns = BERTH_RUNS === undefined ? runs : Number(BERTH_RUNS);
  t.log(`BERTH_SEED=${String(seed)} BERTH_RUNS=${String(numRuns)}`);
  fc.assert(property, { seed, numRuns, includeErrorInReport: true });
  t.pass();
}
