import { Timeline } from '../../services/booking/src/domain/timeline/timeline.js';

export const HOUR_MS = 3_600_000;
export const YEAR_START_MS = Date.UTC(2027, 0, 1);
export const YEAR_HOURS = 365 * 24;

/** So much is granted over the whole year, more than all entries together take. */
export const GRANTED = 10_000_000;

/** A booking of the benchmark, from one full hour to another. */
export interface BenchEntry {
  readonly startMs: number;
  readonly endMs: number;
  readonly cores: number;
}

/** Bookings of 1 to 72 hours over a year from `fromMs` on, by a seed that is always the same. */
export function benchEntries(count: number, fromMs = YEAR_START_MS): readonly BenchEntry[] {
  let state = 20_270_101;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: count }, () => {
    const startMs = fromMs + below(YEAR_HOURS - 72) * HOUR_MS;
    return { startMs, endMs: startMs + (1 + below(72)) * HOUR_MS, cores: 1 + below(8) };
  });
}

/** The timeline of a cluster with these bookings. */
export function benchTimeline(entries: readonly BenchEntry[]): Timeline {
  const timeline = new Timeline();
  timeline.add('grant', YEAR_START_MS, YEAR_START_MS + YEAR_HOURS * HOUR_MS, { cores: GRANTED });
  for (const { startMs, endMs, cores } of entries) timeline.add('booking', startMs, endMs, { cores });
  return timeline;
}
