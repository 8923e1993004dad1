import type { Interval } from '../time/interval.js';
import type { Amounts } from '../timeline/rows.js';
import type { Timeline } from '../timeline/timeline.js';

export interface FitsQuestion {
  /** The whole of it, to its end, lies within this. */
  readonly window: Interval;
  readonly durationMs: number;
  readonly need: Amounts;
  /** How many fits to find at most. */
  readonly most: number;
}

/** A stretch of possible starts: `need` fits from any instant of it on, both ends included. */
export interface Fit {
  readonly startMs: number;
  readonly latestStartMs: number;
}

/** The earliest stretches of possible starts, in order. */
export function findFits(timeline: Timeline, { window, durationMs, need, most }: FitsQuestion): readonly Fit[] {
  const found: Fit[] = [];
  for (let fromMs = window.startMs; found.length < most;) {
    const startMs = timeline.firstFit(fromMs, window.endMs, durationMs, need);
    if (startMs === undefined) break;
    const shortageMs = timeline.firstShortage(startMs, window.endMs, need)?.startMs;
    found.push({ startMs, latestStartMs: (shortageMs ?? window.endMs) - durationMs });
    if (shortageMs === undefined) break;
    fromMs = shortageMs;
  }
  return found;
}
