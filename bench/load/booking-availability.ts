import { temporalCalendar } from '../../services/booking/src/calendar/temporal-calendar.js';
import { getAvailability } from '../../services/booking/src/domain/availability/get-availability.js';
import { blocksOf } from '../../services/booking/src/domain/time/blocks.js';
import type { Timeline } from '../../services/booking/src/domain/timeline/timeline.js';
import type { BenchEntry } from './booking-entries.js';
import { benchEntries, benchTimeline, HOUR_MS, YEAR_HOURS, YEAR_START_MS } from './booking-entries.js';

const YEAR = { startMs: YEAR_START_MS, endMs: YEAR_START_MS + YEAR_HOURS * HOUR_MS };

/** A timeline a number of bookings, since jobs ask for the same ones again and again. */
const timelines = new Map<number, { readonly timeline: Timeline; readonly entries: readonly BenchEntry[] }>();

function timelineOf(count: number) {
  let made = timelines.get(count);
  if (made === undefined) {
    const entries = benchEntries(count);
    timelines.set(count, (made = { timeline: benchTimeline(entries), entries }));
  }
  return made;
}

export interface YearByHour {
  /** Of each answer. */
  readonly ms: readonly number[];
  /** What is left in each hour. */
  readonly worst: readonly number[];
}

/** Tells the availability of a year by hour, again and again, with so many bookings in it. */
export function yearByHour({
  entries,
  times,
}: {
  readonly entries: number;
  readonly times: number;
}): Promise<YearByHour> {
  const { timeline } = timelineOf(entries);
  const calendar = temporalCalendar();
  const ask = () => {
    const blocks = blocksOf(calendar, YEAR, { grain: 'hour', anchor: 'start', zone: 'UTC', clip: false }, 'range');
    return getAvailability(timeline, blocks, { templates: [{ cores: 4 }], levels: false });
  };
  const ms: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    ask();
    ms.push(performance.now() - began);
  }
  return Promise.resolve({ ms, worst: ask().blocks.map(({ firm }) => firm.amounts[0]?.worst ?? Number.NaN) });
}

/**
 * Checks and books what is there already once more, then takes it back, so that the number of bookings stays; answers how
 * many microseconds each booking and its return took.
 */
export function bookOnTimeline({
  entries,
  times,
}: {
  readonly entries: number;
  readonly times: number;
}): Promise<number> {
  const { timeline, entries: booked } = timelineOf(entries);
  const began = performance.now();
  for (let i = 0; i < times; i++) {
    const { startMs, endMs, cores } = booked[(i * 7919) % booked.length] ?? { startMs: 0, endMs: 0, cores: 0 };
    const need = { cores };
    // Half an hour later, so that instants of its own come and go.
    const [fromMs, untilMs] = [startMs + HOUR_MS / 2, endMs + HOUR_MS / 2];
    if (timeline.firstShortage(fromMs, untilMs, need) !== undefined) throw new Error('there is room for all of them');
    timeline.add('booking', fromMs, untilMs, need);
    timeline.add('booking', fromMs, untilMs, need, -1);
  }
  return Promise.resolve(((performance.now() - began) * 1000) / times);
}
