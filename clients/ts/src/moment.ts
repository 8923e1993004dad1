import type { Moment, TimeRange } from '@berth/proto/berth/booking/v1/time';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * A boundary of a booking: a date (`2020-01-31`; as an end it means through that day), a time with its offset
 * (`2020-01-31T09:00Z`), or a Date. Throws a RangeError for other text; the server checks whether there is such a date.
 */
export function toMoment(when: string | Date): Moment {
  if (typeof when === 'string' && DATE.test(when)) return { at: { $case: 'date', value: when } };
  const time = typeof when === 'string' ? new Date(INSTANT.test(when) ? when : NaN) : when;
  if (!Number.isNaN(time.getTime())) return { at: { $case: 'time', value: time } };
  throw new RangeError(
    `"${String(when)}" is no point in time: write a date such as 2020-01-31, or a time with its offset such as 2020-01-31T09:00Z`,
  );
}

/** A range from `start` to `end`; without an end it does not end (grants). Dates are those of `timeZone`; empty = the cluster's. */
export function toTimeRange(start: string | Date, end?: string | Date, timeZone = ''): TimeRange {
  return { start: toMoment(start), end: end === undefined ? undefined : toMoment(end), timeZone };
}
