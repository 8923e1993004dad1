import { type Interval, type Moment, type TimeRange, toMoment } from '@berth/client';
import type { Faults } from '@berth/server';
import type { GivenParameters } from '../parameters.js';

/** The parameters that say from when until when something is. */
export const DATES: readonly string[] = ['startdate', 'enddate'];

const DAY_MS = 86_400_000;
const HOW = 'write a date such as 2020-06-08, or a time with its offset such as 2020-06-08T09:00Z';

/** From when until when something is; without `enddate` it has no end, where that is allowed. */
export function datesOf(given: GivenParameters, faults: Faults, { open = false } = {}): TimeRange {
  const start = given.required('startdate', '2020-06-08');
  const end = open ? given.text('enddate') : given.required('enddate', '2020-06-14');
  return {
    start: momentOf('startdate', start, faults),
    end: momentOf('enddate', end, faults),
    timeZone: '',
  };
}

/** The range of `range=2020-06-08,2020-06-14`; undefined when it is absent or wrong, and then there is a fault. */
export function rangeOf(given: GivenParameters, faults: Faults): TimeRange | undefined {
  const text = given.text('range');
  if (text === undefined) return undefined;
  const [start, end, more] = text.split(',').map((part) => part.trim());
  if (start !== undefined && end !== undefined && more === undefined) {
    return { start: momentOf('range', start, faults), end: momentOf('range', end, faults), timeZone: '' };
  }
  faults.add('range', `is ${JSON.stringify(text)}; write first and last day, as in 2020-06-08,2020-06-14`);
  return undefined;
}

/** Four weeks from the day on (UTC) that it is. */
export function fourWeeks(nowMs: number): TimeRange {
  const day = (days: number): Moment => toMoment(new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10));
  return { start: day(0), end: day(27), timeZone: '' };
}

function momentOf(name: string, text: string | undefined, faults: Faults): Moment | undefined {
  if (text === undefined) return undefined;
  try {
    return toMoment(text);
  } catch {
    faults.add(name, `has ${JSON.stringify(text)}; ${HOW}`);
    return undefined;
  }
}

/** An interval as answers have it, which can be sent back: the end is the first instant after it. */
export function datesView(interval: Interval | undefined) {
  return { startdate: interval?.startTime?.toISOString(), enddate: interval?.endTime?.toISOString() };
}
