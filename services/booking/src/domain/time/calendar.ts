/**
 * Wall-clock time: what a clock on the wall shows, in milliseconds counted as though it showed UTC. 2020-01-01T00:00 on any
 * wall is `Date.UTC(2020, 0, 1)`. A day on the wall has 24 hours always; `Calendar.place` finds the instant.
 */
export type WallMs = number;

/** The instant of a wall-clock time. */
export interface Placement {
  /** Of a time that comes twice the first instant; of a time that does not exist the instant that the gap moves it to. */
  readonly atMs: number;
  /** The length of the gap that the time lies in; 0 if the time exists. */
  readonly gapMs: number;
}

/** Dates, time zones and recurrence rules, by libraries. Pure and synchronous: equal input gives equal answers. */
export interface Calendar {
  /** An IANA zone's name as it is spelled there, from any case; undefined if there is no such zone. */
  zone(name: string): string | undefined;
  /** The names of zones, for "did you mean". */
  zones(): readonly string[];
  /** The wall-clock time at an instant. Here and below, `zone` is a name that `Calendar.zone` gave. */
  wallAt(atMs: number, zone: string): WallMs;
  /** The instant of a wall-clock time. */
  place(wallMs: WallMs, zone: string): Placement;
  /** A wall-clock time so many months later; the month's last day where it lacks the day (31 January + 1 is 28 February). */
  addMonths(wallMs: WallMs, months: number): WallMs;
  /** The day of the week: 1 is Monday, 7 is Sunday. */
  weekday(wallMs: WallMs): number;
  /** Midnight of a date such as `2020-02-29`; undefined if there is no such date. Years have four digits, from 0001 on. */
  readDate(text: string): WallMs | undefined;
  /** The date of a wall-clock time, such as `2020-02-29`. */
  writeDate(wallMs: WallMs): string;
  /**
   * Calls `visit` with the wall-clock times of an RFC 5545 rule in order, from `startMs` to `lastMs` at most (both included),
   * until `visit` answers false. The rule has neither COUNT nor UNTIL. Where the rule does not come (again) within reach of
   * the library, the times end. Throws `RuleProblem` for a rule that the RFC forbids.
   */
  expand(rule: string, startMs: WallMs, lastMs: WallMs, visit: (wallMs: WallMs) => boolean): void;
}

/** A recurrence rule that the RFC forbids; the message says why. */
export class RuleProblem extends Error {
  override readonly name = 'RuleProblem';
}
