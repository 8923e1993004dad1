import type { WallMs } from '../time/calendar.js';
import type { Interval } from '../time/interval.js';

/** A series of RFC 5545, on the wall of its zone. */
export interface Series {
  /** RRULE without its name, such as `FREQ=WEEKLY;COUNT=10`; empty = none: the times are `startMs` and `added`. */
  readonly rule: string;
  /** DTSTART: the first occurrence. */
  readonly startMs: WallMs;
  /** The length of each occurrence (DURATION): days on the wall, then exact milliseconds. Together above 0. */
  readonly days: number;
  readonly spanMs: number;
  /** A name that `Calendar.zone` gave. */
  readonly zone: string;
  /** EXDATE: occurrences that are left out. */
  readonly excluded: readonly WallMs[];
  /** RDATE: further occurrences, none before `startMs`. */
  readonly added: readonly WallMs[];
  /** What becomes of a time that does not exist: the gap moves it on, or it is skipped and COUNT does not count it. */
  readonly gap: 'move' | 'skip';
}

/** One occurrence of a series. */
export interface Occurrence extends Interval {
  /** The time of the rule or RDATE (RECURRENCE-ID). It is not what the wall shows at `startMs` where a gap moved it. */
  readonly wallMs: WallMs;
}

/** How far a series may go. */
export interface SeriesLimits {
  readonly occurrences: number;
  /** From the first start to the last. */
  readonly years: number;
}

export const SERIES_LIMITS: SeriesLimits = { occurrences: 1000, years: 3 };

/** What can be wrong with a series: the `problem` in the metadata of INVALID_SERIES. */
export type SeriesProblem =
  | 'RULE'
  | 'COUNT_AND_UNTIL'
  | 'ENDLESS'
  | 'DTSTART'
  | 'NO_OCCURRENCE'
  | 'TOO_MANY'
  | 'TOO_FAR'
  | 'RDATE'
  | 'EXDATE'
  | 'OVERLAP';
