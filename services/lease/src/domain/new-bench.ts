import { laidOver } from './announced.js';
import type { Bench } from './entities.js';
import type { Announced, BenchSpec } from './model.js';

/** A bench that was not there before: ready, free and never used. */
export function newBench(
  base: BenchSpec,
  announced: Announced,
  { origin, atMs, revision }: { readonly origin: string; readonly atMs: number; readonly revision: number },
): Bench {
  return {
    spec: laidOver(base, announced),
    base,
    announced,
    origin,
    condition: { state: 'READY', reason: '', actor: { name: 'berth', kind: 'system' }, sinceMs: atMs },
    retired: false,
    cleaning: 0,
    lease: undefined,
    lastUsed: 0,
    revision,
    holdAverageMs: 0,
    demands: new Set(),
    calendar: [],
    booked: undefined,
    clearMs: Infinity,
  };
}
