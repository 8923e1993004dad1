import { invalidField } from '@berth/kernel';
import type { Calendar, WallMs } from './calendar.js';
import type { Interval } from './interval.js';
import { DAY_MS } from './wall.js';

/** A point in time as requests have it: a date (`2020-01-31`), or an instant. */
export type When = { readonly date: string } | { readonly atMs: number };

/** Where something begins and ends, as requests have it. A date as end means through that day. */
export interface WhenRange {
  readonly start: When;
  readonly end: When;
}

/**
 * The instants of a range: a date begins at the first instant of its day in the zone, and ends with the last one; an
 * instant as end is exclusive. INVALID_RANGE for `path.start` or `path.end` if a date does not exist or nothing is between.
 */
export function readInterval(calendar: Calendar, { start, end }: WhenRange, zone: string, path: string): Interval {
  const startMs = startOf(calendar, start, zone, `${path}.start`);
  const endMs = endOf(calendar, end, zone, `${path}.end`);
  if (startMs < endMs) return { startMs, endMs };
  throw invalidField(`${path}.end`, `${write(end)} is not after the start, ${write(start)}`, 'INVALID_RANGE');
}

/** The instant at which something begins; INVALID_RANGE for `path` if there is no such date. */
export function startOf(calendar: Calendar, when: When, zone: string, path: string): number {
  return 'atMs' in when ? when.atMs : calendar.place(readDate(calendar, when.date, path), zone).atMs;
}

/** The first instant that no longer belongs to what ends there; INVALID_RANGE for `path` if there is no such date. */
export function endOf(calendar: Calendar, when: When, zone: string, path: string): number {
  return 'atMs' in when ? when.atMs : calendar.place(readDate(calendar, when.date, path) + DAY_MS, zone).atMs;
}

/** The wall-clock time of a point in time; of a date its midnight. */
export function wallOf(calendar: Calendar, when: When, zone: string, path: string): WallMs {
  return 'date' in when ? readDate(calendar, when.date, path) : calendar.wallAt(when.atMs, zone);
}

function readDate(calendar: Calendar, date: string, path: string): WallMs {
  const wallMs = calendar.readDate(date);
  if (wallMs !== undefined) return wallMs;
  throw invalidField(path, `there is no date '${date}'; write one as 2020-02-29`, 'INVALID_RANGE');
}

function write(when: When): string {
  return 'date' in when ? when.date : new Date(when.atMs).toISOString();
}
