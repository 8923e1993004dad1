import { type Moment, toMoment } from '@berth/client';
import { InvalidArgumentError } from 'commander';
import { parseSpan } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAYS = /^(\d+)([dw])$/;

/** A point in time as it was written: a date, or an instant; wall-clock time waits for its zone. */
export type When = { readonly date: string } | { readonly wall: string } | { readonly at: Date };

/** What may be written for a point in time, for help texts. */
export const WHEN_HELP =
  'a date (2020-01-31), a time (2020-01-31T09:00, also with Z or +01:00), now, or a span from now (+2h)';

/** Reads a point in time. */
export function parseWhen(text: string): When {
  if (DATE.test(text)) return { date: text };
  if (text === 'now') return { at: new Date() };
  if (text.startsWith('+')) return { at: new Date(Date.now() + parseSpan(text.slice(1))) };
  if (LOCAL.test(text)) return { wall: text.replace(' ', 'T') };
  const at = new Date(INSTANT.test(text) ? text.replace(' ', 'T') : NaN);
  if (!Number.isNaN(at.getTime())) return { at };
  throw new InvalidArgumentError(`"${text}" is no point in time; write ${WHEN_HELP}`);
}

/** Reads how long something lasts: whole days or weeks, which are days of the calendar after a date, or a span. */
export function parseLasting(text: string): { readonly days: number } | { readonly ms: number } {
  const [, count, unit] = DAYS.exec(text) ?? [];
  const lasting = count === undefined ? { ms: parseSpan(text) } : { days: Number(count) * (unit === 'w' ? 7 : 1) };
  if (Object.values(lasting).every((length) => length > 0)) return lasting;
  throw new InvalidArgumentError(`"${text}" is no length of time; it must be above 0`);
}

/** The length in milliseconds, with days of 24 h. */
export function lastingMs(lasting: { readonly days: number } | { readonly ms: number }): number {
  return 'days' in lasting ? lasting.days * DAY_MS : lasting.ms;
}

/** The instant of wall-clock time: in a zone, or that of this computer; one that does not exist moves on by the gap. */
async function instantOf(wall: string, zone: string | undefined): Promise<Date> {
  if (zone === undefined) {
    const local = new Date(wall);
    if (!Number.isNaN(local.getTime())) return local;
    throw new UsageError(`"${wall}" is no time`);
  }
  // Loaded by those only that give a zone: most calls need not.
  const { Temporal } = await import('temporal-polyfill');
  try {
    return new Date(Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`"${wall}" in ${zone} is no time: ${why}`, 'use an IANA zone such as Europe/London');
  }
}

/** A point in time as it is sent. */
export async function momentOf(when: When, zone: string | undefined): Promise<Moment> {
  if ('date' in when) return toMoment(when.date);
  return toMoment('at' in when ? when.at : await instantOf(when.wall, zone));
}

/** The end of what begins at `start` and lasts so long. Days after a date are days of the calendar, others have 24 h. */
export async function endAfter(
  start: When,
  lasting: { readonly days: number } | { readonly ms: number },
  zone: string | undefined,
): Promise<Moment> {
  if ('date' in start) {
    if (!('days' in lasting))
      throw new UsageError(
        'after a date only days or weeks can be given with --for',
        'write 3d, or a time with --from',
      );
    const first = new Date(`${start.date}T00:00:00Z`);
    if (Number.isNaN(first.getTime())) throw new UsageError(`"${start.date}" is no date`);
    // The last day is in the range.
    return toMoment(new Date(first.getTime() + (lasting.days - 1) * DAY_MS).toISOString().slice(0, 10));
  }
  const from = 'at' in start ? start.at : await instantOf(start.wall, zone);
  return toMoment(new Date(from.getTime() + lastingMs(lasting)));
}
