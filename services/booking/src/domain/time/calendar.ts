/**
 * Wall-clock time: what a clock on the wall shows, in milliseconds counted as though it showed UTC. 2020-01-01T00:00 on
 * any wall is `Date.UTC(2020, 0, 1)`. A day on the wall always has 24 hours; `Calendar.place` turns it into an instant.
 */
export type WallMs = number;

/** The instant of a wall-clock time. */
export interface Placement {
  /** Of a time that comes twice the first; of a time that never comes the instant that the gap moves it to. */
  readonly atMs: number;
  /** The length of the gap that the time is in; 0 if the time exists. */
  readonly gapMs: number;
}

/** Dates, time zones and recurrence rules, from libraries. Pure and synchronous: the same input gives the same answer. */
export interface Calendar {
  /** The name of an IANA zone as it is written there, from any case; undefined if there is no such zone. */
  zone(name: string): string | undefined;
  /** The names of all zones, for "did you mean". */
  zones(): readonly string[];
  /** The wall-clock time at an instant in a zone that `zone` gave. */
  wallAt(atMs: number, zone: string): WallMs;
  /** The instant of a wall-clock time in a zone that `zone` gave. */
  place(wallMs: WallMs, zone: string): Placement;
  /** Adds months to a wall-clock time; of a day that the month lacks its last day (31 January + 1 = 28 or 29 February). */
  addMonths(wallMs: WallMs, months: number): WallMs;
  /** The day of the week: 1 is Monday, 7 is Sunday. */
  weekday(wallMs: WallMs): number;
  /** The first instant on the wall of a date such as `2020-02-29`; undefined if there is no such date. */
  readDate(text: string): WallMs | undefined;
  /** The date on a wall as text, such as `2020-02-29`. */
  writeDate(wallMs: WallMs): string;
  /**
   * Calls `visit` with the wall-clock times of an RFC 5545 rule in order, from `startMs` on, until it answers false or the
   * rule ends. The rule has neither COUNT nor UNTIL. Stops by itself where a rule never comes (again).
   * Throws `RuleProblem` for a rule that is malformed.
   */
  expand(rule: string, startMs: WallMs, visit: (wallMs: WallMs) => boolean): void;
}

/** A recurrence rule that the library does not take; the message says why. */
export class RuleProblem extends Error {
  override readonly name = 'RuleProblem';
}
