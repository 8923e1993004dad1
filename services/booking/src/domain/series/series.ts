import type { WallMs } from '../time/calendar.js';
import type { Interval } from '../time/interval.js';

/** A series as a request has it. */
export interface Series {
  /** RFC 5545 RRULE without its name, for example `FREQ=WEEKLY;COUNT=10`. Without one the dates are start and `rdates`. */
  readonly rrule?: string;
  /** DTSTART: the wall-clock time of the first occurrence. */
  readonly startMs: WallMs;
  /** The length of each occurrence: days on the wall, then exact milliseconds (RFC 5545 DURATION). One of both is above 0. */
  readonly days: number;
  readonly spanMs: number;
  /** A zone that `Calendar.zone` gave. */
  readonly zone: string;
  /** Wall-clock times that are left out; each is an occurrence. */
  readonly exdates: readonly WallMs[];
  /** Further wall-clock times. */
  readonly rdates: readonly WallMs[];
  /** What happens to a time that does not exist: it moves on by the gap, or is dropped and COUNT does not count it. */
  readonly gap: 'move' | 'skip';
}

/** One occurrence of a series. */
export interface Occurrence extends Interval {
  /** The wall-clock time that the rule gave (RECURRENCE-ID); another one than that of `startMs` if a gap moved it. */
  readonly wallMs: WallMs;
}

/** How far a series may go. */
export interface SeriesLimits {
  readonly occurrences: number;
  /** The years on the wall from the first start to the last. */
  readonly years: number;
}

export const SERIES_LIMITS: SeriesLimits = { occurrences: 1000, years: 3 };
