import { RRuleTemporal } from 'rrule-temporal';
import type { WallMs } from '../ports/calendar.js';
import { RuleProblem } from '../ports/calendar.js';

/** Three years of hours; a rule that takes more tries than that for its next time is taken to have no more. */
const MOST_TRIES = 30_000;

const HOUR_MS = 3_600_000;
/** By how much the time that is expanded grows while the visitor has not enough. */
const GROWTH = 4;

/**
 * Expands a rule on the wall: in UTC, where no clock is ever changed, between two times that are both included. Only texts and
 * numbers go between the library and us, since it brings a Temporal of its own.
 */
export function expandRule(rule: string, startMs: WallMs, lastMs: WallMs, visit: (wallMs: WallMs) => boolean): void {
  // Rules know whole seconds; a fraction is the same for all times.
  const fractionMs = ((startMs % 1000) + 1000) % 1000;
  let seen = 0;
  for (let spanMs = firstSpanMs(rule); ; spanMs *= GROWTH) {
    const untilMs = Math.min(lastMs, startMs + spanMs);
    const times = timesOf(rule, startMs, untilMs);
    for (; seen < times.length; seen += 1) if (!visit((times[seen] ?? 0) + fractionMs)) return;
    if (untilMs === lastMs) return;
  }
}

/**
 * How much to expand at first. The library is many times faster when it makes all times at once than when a caller may stop
 * it, but a rule may have one a second for years.
 */
function firstSpanMs(rule: string): number {
  if (/SECONDLY|BYSECOND/.test(rule)) return HOUR_MS;
  return /HOURLY|MINUTELY|BYHOUR|BYMINUTE/.test(rule) ? 24 * HOUR_MS : Infinity;
}

/** All times of a rule up to one, without fractions; those before the library gave up, if it does. */
function timesOf(rule: string, startMs: WallMs, untilMs: WallMs): readonly number[] {
  const library = open(`DTSTART:${write(startMs)}\nRRULE:${rule};UNTIL=${write(untilMs)}`);
  try {
    return library.all().map((time) => time.epochMilliseconds);
  } catch (error) {
    if (!hasGivenUp(error)) throw error;
  }
  const times: number[] = [];
  try {
    library.all((time) => times.push(time.epochMilliseconds) > 0);
  } catch (error) {
    if (!hasGivenUp(error)) throw error;
  }
  return times;
}

/** "Maximum iterations exceeded": the rule does not come again. */
function hasGivenUp(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Maximum ');
}

function open(rruleString: string): RRuleTemporal {
  try {
    return new RRuleTemporal({ rruleString, strict: true, cache: false, maxIterations: MOST_TRIES });
  } catch (error) {
    throw new RuleProblem(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** A time of UTC as iCalendar writes it: 19970902T090000Z. */
function write(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
