import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { calendar, wall } from '../../calendar/at.fixture.js';
import { intersect, overlap } from './interval.js';
import type { When } from './when.js';
import { endOf, readInterval, startOf } from './when.js';
import { requireZone } from './zone.js';

const DAY = 86_400_000;

function read(start: When, end: When, zone = 'UTC') {
  return readInterval(calendar, { start, end }, zone, 'booking.range');
}

function refusal(t: ExecutionContext, run: () => unknown): BerthError {
  return t.throws(run, { instanceOf: BerthError });
}

test('a date as end means through that day', (t) => {
  const range = read({ date: '2020-01-01' }, { date: '2020-01-11' });
  t.deepEqual(range, { startMs: wall('2020-01-01'), endMs: wall('2020-01-12') });
  const week = read({ date: '2020-06-08' }, { date: '2020-06-14' });
  t.is((week.endMs - week.startMs) / DAY, 7);
  t.is(read({ date: '2020-01-01' }, { date: '2020-01-01' }).endMs, wall('2020-01-02'));
});

test('an instant as end is exclusive, and both kinds can stand together', (t) => {
  const range = read({ date: '2020-07-01' }, { atMs: wall('2020-07-01T12:00') }, 'Europe/London');
  t.deepEqual(range, { startMs: wall('2020-06-30T23:00'), endMs: wall('2020-07-01T12:00') });
});

test('the day of a date is that of the zone, with 23 or 25 hours', (t) => {
  const hours = (date: string): number => {
    const { startMs, endMs } = read({ date }, { date }, 'Europe/London');
    return (endMs - startMs) / 3_600_000;
  };
  t.deepEqual([hours('2026-03-29'), hours('2026-10-25'), hours('2026-11-27')], [23, 25, 24]);
  t.is(startOf(calendar, { date: '2026-07-01' }, 'Europe/London', 'range.start'), wall('2026-06-30T23:00'));
  t.is(endOf(calendar, { date: '2026-07-01' }, 'Europe/London', 'range.end'), wall('2026-07-01T23:00'));
});

test('an end that is not after its start, and a date that does not exist, are refused with their field', (t) => {
  for (const [start, end, field] of [
    [{ atMs: 5 }, { atMs: 5 }, 'booking.range.end'],
    [{ date: '2020-01-02' }, { date: '2020-01-01' }, 'booking.range.end'],
    [{ date: '2021-02-29' }, { date: '2021-03-01' }, 'booking.range.start'],
    [{ date: '2021-02-01' }, { date: '2021-02-29' }, 'booking.range.end'],
    [{ date: 'tomorrow' }, { atMs: 5 }, 'booking.range.start'],
  ] as const) {
    const error = refusal(t, () => read(start, end));
    t.is(error.reason, 'INVALID_RANGE');
    t.is(error.details.fields?.[0]?.field, field);
  }
});

test('an unknown zone is refused with the one that was probably meant', (t) => {
  t.is(requireZone(calendar, 'america/new_york', 'range.time_zone'), 'America/New_York');
  const error = refusal(t, () => requireZone(calendar, 'Europe/Lundon', 'range.time_zone'));
  t.is(error.reason, 'UNKNOWN_TIME_ZONE');
  t.is(error.details.fields?.[0]?.field, 'range.time_zone');
  t.regex(error.message, /did you mean 'Europe\/London'/);
});

test('intervals that touch share nothing', (t) => {
  const one = { startMs: 0, endMs: 10 };
  t.false(overlap(one, { startMs: 10, endMs: 20 }));
  t.true(overlap(one, { startMs: 9, endMs: 20 }));
  t.is(intersect(one, { startMs: 10, endMs: 20 }), undefined);
  t.deepEqual(intersect(one, { startMs: 4, endMs: 20 }), { startMs: 4, endMs: 10 });
});
