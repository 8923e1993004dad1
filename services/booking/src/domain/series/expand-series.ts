import type { Calendar, WallMs } from '../time/calendar.js';
import { RuleProblem } from '../time/calendar.js';
import { DAY_MS } from '../time/wall.js';
import { seriesError } from './problem.js';
import type { RuleEnd } from './rule.js';
import { readRule } from './rule.js';
import type { Occurrence, Series, SeriesLimits } from './series.js';
import { SERIES_LIMITS } from './series.js';

/**
 * The occurrences of a series in order; at least one, none overlapping another. The rule is expanded on the wall, then each
 * time is placed in the zone, so a weekly 09:00 stays 09:00 where the clock is changed. Two times that come to be the same
 * instant are one occurrence. INVALID_SERIES for a field below `path`, with `problem` in its metadata.
 */
export function expandSeries(
  calendar: Calendar,
  series: Series,
  path: string,
  limits: SeriesLimits = SERIES_LIMITS,
): readonly Occurrence[] {
  const lastMs = calendar.addMonths(series.startMs, 12 * limits.years);
  const starts = new Starts(calendar, series, path, { occurrences: limits.occurrences, lastMs, years: limits.years });
  if (series.rule === '') starts.add(series.startMs);
  else expandRule(calendar, series, path, starts);
  for (const [i, wallMs] of series.added.entries()) {
    if (wallMs < series.startMs) throw seriesError(path, `added[${i}]`, 'RDATE', 'the date is before the start');
    starts.add(wallMs);
  }
  for (const [i, wallMs] of series.excluded.entries()) {
    if (!starts.remove(wallMs)) throw seriesError(path, `excluded[${i}]`, 'EXDATE', 'the date is not an occurrence');
  }
  const occurrences = starts.sorted().map(({ wallMs, atMs }) => occurrenceOf(calendar, series, wallMs, atMs));
  if (occurrences.length === 0) throw seriesError(path, 'excluded', 'NO_OCCURRENCE', 'no occurrence is left');
  refuseOverlap(occurrences, path);
  return occurrences;
}

function expandRule(calendar: Calendar, series: Series, path: string, starts: Starts): void {
  const { startMs, rule } = series;
  const { text, end } = readRule(calendar, rule, series.zone, path);
  starts.expect(end);
  const seen: { first?: WallMs; isOver: boolean } = { isOver: false };
  try {
    calendar.expand(text, startMs, starts.lastMs + DAY_MS, (wallMs) => {
      if (seen.first === undefined && wallMs !== startMs) throw dtstart(calendar, series, wallMs, path);
      seen.first ??= wallMs;
      seen.isOver = starts.addOfRule(wallMs, end);
      return !seen.isOver;
    });
  } catch (error) {
    if (error instanceof RuleProblem) throw seriesError(path, 'rule', 'RULE', error.message);
    throw error;
  }
  if (seen.first === undefined) throw seriesError(path, 'rule', 'NO_OCCURRENCE', 'the rule never comes');
  if (!starts.has(startMs)) {
    throw seriesError(path, 'rule', 'DTSTART', 'the start does not exist in this zone, and such times are skipped');
  }
  if (!seen.isOver && 'count' in end) throw starts.tooFar('rule');
}

function dtstart(calendar: Calendar, { startMs }: Series, firstMs: WallMs, path: string): Error {
  const is = `the start, ${write(calendar, startMs)}, is not an occurrence of the rule`;
  return seriesError(path, 'rule', 'DTSTART', `${is}; the first one is ${write(calendar, firstMs)}`);
}

interface Reach {
  readonly occurrences: number;
  readonly lastMs: WallMs;
  readonly years: number;
}

/** The starts of a series while they are gathered: unique instants, within the limits. */
class Starts {
  readonly #byInstant = new Map<number, WallMs>();
  readonly #instants = new Map<WallMs, number>();

  constructor(
    private readonly calendar: Calendar,
    private readonly series: Series,
    private readonly path: string,
    private readonly reach: Reach,
  ) {}

  get lastMs(): WallMs {
    return this.reach.lastMs;
  }

  /** Refuses an end that no series within the limits can have. */
  expect(end: RuleEnd): void {
    if ('count' in end && end.count > this.reach.occurrences) throw this.#tooMany('rule');
    if ('untilMs' in end && end.untilMs > this.calendar.place(this.lastMs, this.series.zone).atMs + DAY_MS) {
      throw this.tooFar('rule');
    }
  }

  /** Adds a time of the rule, unless it lies behind the rule's end; answers whether the rule has come to its end. */
  addOfRule(wallMs: WallMs, end: RuleEnd): boolean {
    if ('count' in end) {
      this.add(wallMs, 'rule');
      return this.#byInstant.size >= end.count;
    }
    const { atMs, gapMs } = this.calendar.place(wallMs, this.series.zone);
    if (atMs <= end.untilMs) this.add(wallMs, 'rule');
    // A time that a gap moves on may lie behind later ones.
    return atMs > end.untilMs && gapMs === 0;
  }

  add(wallMs: WallMs, field: 'rule' | 'added' = 'added'): void {
    const { atMs, gapMs } = this.calendar.place(wallMs, this.series.zone);
    if ((gapMs > 0 && this.series.gap === 'skip') || this.#byInstant.has(atMs)) return;
    if (wallMs > this.lastMs) throw this.tooFar(field);
    this.#byInstant.set(atMs, wallMs);
    this.#instants.set(wallMs, atMs);
    if (this.#byInstant.size > this.reach.occurrences) throw this.#tooMany(field);
  }

  has(wallMs: WallMs): boolean {
    return this.#instants.has(wallMs);
  }

  /** Answers whether there was such a start. */
  remove(wallMs: WallMs): boolean {
    const atMs = this.#instants.get(wallMs);
    if (atMs === undefined) return false;
    this.#byInstant.delete(atMs);
    return this.#instants.delete(wallMs);
  }

  sorted(): readonly { readonly wallMs: WallMs; readonly atMs: number }[] {
    const starts = [...this.#byInstant].map(([atMs, wallMs]) => ({ wallMs, atMs }));
    return starts.sort((one, other) => one.atMs - other.atMs);
  }

  tooFar(field: 'rule' | 'added'): Error {
    return seriesError(
      this.path,
      field,
      'TOO_FAR',
      `a series has ${this.reach.years} years from its first start to its last`,
    );
  }

  #tooMany(field: 'rule' | 'added'): Error {
    const most = this.reach.occurrences.toLocaleString('en');
    return seriesError(this.path, field, 'TOO_MANY', `a series has at most ${most} occurrences`);
  }
}

function occurrenceOf(calendar: Calendar, series: Series, wallMs: WallMs, startMs: number): Occurrence {
  const { days, spanMs, zone } = series;
  const endMs = days === 0 ? startMs : calendar.place(wallMs + days * DAY_MS, zone).atMs;
  return { startMs, endMs: endMs + spanMs, wallMs };
}

function refuseOverlap(occurrences: readonly Occurrence[], path: string): void {
  for (const [i, { startMs }] of occurrences.entries()) {
    const before = occurrences[i - 1];
    if (before === undefined || before.endMs <= startMs) continue;
    const [end, start] = [before.endMs, startMs].map((atMs) => new Date(atMs).toISOString());
    const description = `an occurrence ends at ${String(end)}, after the next one began at ${String(start)}`;
    throw seriesError(path, 'rule', 'OVERLAP', `${description}; make them shorter or rarer`);
  }
}

function write(calendar: Calendar, wallMs: WallMs): string {
  const time = new Date(wallMs).toISOString().slice(11, 19);
  return `${calendar.writeDate(wallMs)}T${time}`;
}
