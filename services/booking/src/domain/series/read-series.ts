import type { Calendar, WallMs } from '../time/calendar.js';
import { DAY_MS } from '../time/wall.js';
import type { When, WhenRange } from '../time/when.js';
import { readInterval, wallOf } from '../time/when.js';
import type { Series } from './series.js';

/** A recurrence as requests have it. */
export interface Recurrence {
  /** Empty = none. */
  readonly rule: string;
  /** A date among these means the start's time of that day. */
  readonly excluded: readonly When[];
  readonly added: readonly When[];
  readonly gap: 'move' | 'skip';
}

/** The first occurrence as requests have it; `path` is where it stands there. */
export interface FirstOccurrence extends WhenRange {
  /** A name that `Calendar.zone` gave. */
  readonly zone: string;
  readonly path: string;
}

/**
 * Reads a series. From date to date each occurrence lasts whole days, however long these are; otherwise as long as the first
 * one, exactly (RFC 5545 3.8.5.3). INVALID_RANGE for a field below `first.path` or `path` that is no time, or no range.
 */
export function readSeries(calendar: Calendar, first: FirstOccurrence, recurrence: Recurrence, path: string): Series {
  const { start, end, zone } = first;
  const interval = readInterval(calendar, first, zone, first.path);
  const startMs = wallOf(calendar, start, zone, `${first.path}.start`);
  const byDate = 'date' in start && 'date' in end;
  const lastMs = byDate ? wallOf(calendar, end, zone, `${first.path}.end`) : startMs;
  const timeOfDay = startMs - Math.floor(startMs / DAY_MS) * DAY_MS;
  const wallsOf = (list: readonly When[], name: string): readonly WallMs[] =>
    list.map((when, i) => {
      const wallMs = wallOf(calendar, when, zone, `${path}.${name}[${i}]`);
      return 'date' in when ? wallMs + timeOfDay : wallMs;
    });
  return {
    rule: recurrence.rule,
    startMs,
    days: byDate ? Math.round((lastMs - startMs) / DAY_MS) + 1 : 0,
    spanMs: byDate ? 0 : interval.endMs - interval.startMs,
    zone,
    excluded: wallsOf(recurrence.excluded, 'excluded'),
    added: wallsOf(recurrence.added, 'added'),
    gap: recurrence.gap,
  };
}
