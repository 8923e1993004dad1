import { backoffMs } from './life.js';
import type { PoolOptions } from './options/options.js';
import type { PoolDocument } from './pool-document.js';

/** So many ends of starts are kept. */
const LAST_STARTS = 20;
/** From so many failures in a row there is a pause before the next start, and one start at a time. */
const PAUSE_AFTER = 2;

/** A pool starts a resource. */
export function afterStart(pool: PoolDocument, nowMs: number): PoolDocument {
  return { ...pool, starts: pool.starts + 1, lastStartMs: nowMs, updateMs: nowMs };
}

/** A start has ended: undefined = well, else what it failed with. */
export function afterStartEnded(
  { retryMs: _, ...pool }: PoolDocument,
  fault: string | undefined,
  tookMs: number,
  retry: PoolOptions['retry'],
  nowMs: number,
): PoolDocument {
  const lastStarts = [...pool.lastStarts, fault === undefined ? 1 : 0].slice(-LAST_STARTS);
  if (fault === undefined)
    return { ...pool, lastStarts, failuresInRow: 0, lastError: '', startMs: tookMs, updateMs: nowMs };
  const failuresInRow = pool.failuresInRow + 1;
  const pauses = failuresInRow >= PAUSE_AFTER && { retryMs: nowMs + backoffMs(retry, failuresInRow - 1) };
  const failedStarts = pool.failedStarts + 1;
  return { ...pool, lastStarts, failuresInRow, failedStarts, lastError: fault, updateMs: nowMs, ...pauses };
}

/** Whether starts are made one at a time, each after a pause. */
export function isPausing({ failuresInRow }: PoolDocument): boolean {
  return failuresInRow >= PAUSE_AFTER;
}

/** A time that is stored; what lies ahead of now counts as now. */
export function notAhead(ms: number | undefined, nowMs: number): number | undefined {
  return ms === undefined ? undefined : Math.min(ms, nowMs);
}
