import type { Draft } from '../draft.js';
import type { Bench } from '../entities.js';
import type { LabState } from '../state.js';

/** Marks the free benches that ask for a cleaning. The caller schedules afterwards. */
export function markFree(draft: Draft): void {
  for (const bench of draft.state.benches.values()) {
    if (isFreeToClean(bench)) draft.emit({ type: 'BenchCleaning', name: bench.spec.name });
  }
}

/** Whether `markFree` would mark any. */
export function someFreeToClean({ benches }: LabState): boolean {
  for (const bench of benches.values()) if (isFreeToClean(bench)) return true;
  return false;
}

function isFreeToClean({ spec, lease, cleaning }: Bench): boolean {
  return spec.recycle === 'CLEAN' && lease === undefined && cleaning === 0;
}
