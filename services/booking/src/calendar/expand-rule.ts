import { RRuleTemporal } from 'rrule-temporal';
import type { WallMs } from '../ports/calendar.js';
import { RuleProblem } from '../ports/calendar.js';

/** Three years of hours; a rule that takes more tries than that for its next time is taken to have no more. */
const MOST_TRIES = 30_000;

/**
 * Expands a rule on the wall: in UTC, where no clock is ever changed, between two times that are both included. Only texts go
 * to the library, since it brings a Temporal of its own.
 */
export function expandRule(rule: string, startMs: WallMs, lastMs: WallMs, visit: (wallMs: WallMs) => boolean): void {
  // Rules know whole seconds; a fraction is the same for all times.
  const fractionMs = ((startMs % 1000) + 1000) % 1000;
  const text = `DTSTART:${write(startMs)}\nRRULE:${rule};UNTIL=${write(lastMs)}`;
  let library: RRuleTemporal;
  try {
    library = new RRuleTemporal({ rruleString: text, strict: true, cache: false, maxIterations: MOST_TRIES });
  } catch (error) {
    throw new RuleProblem(error instanceof Error ? error.message : String(error), { cause: error });
  }
  try {
    library.all((time) => visit(time.epochMilliseconds + fractionMs));
  } catch (error) {
    // "Maximum iterations exceeded": the rule does not come again.
    if (!(error instanceof Error && error.message.startsWith('Maximum '))) throw error;
  }
}

/** A time of UTC as iCalendar writes it: 19970902T090000Z. */
function write(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
