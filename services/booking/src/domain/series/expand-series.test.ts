import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { calendar, wall, writeWall } from '../../calendar/at.fixture.js';
import { expandSeries } from './expand-series.js';
import { RFC_EXAMPLES, timesOf } from './rfc5545-examples.fixture.js';
import type { Occurrence, Series, SeriesLimits } from './series.js';

const HOUR = 3_600_000;
const NEW_YORK = 'America/New_York';

interface Wanted {
  readonly start: string;
  readonly rule?: string;
  readonly zone?: string;
  readonly hours?: number;
  readonly days?: number;
  readonly excluded?: readonly string[];
  readonly added?: readonly string[];
  readonly gap?: Series['gap'];
}

function expand(wanted: Wanted, limits?: SeriesLimits): readonly Occurrence[] {
  const { start, rule = '', zone = NEW_YORK, hours = 1, days = 0, excluded = [], added = [], gap = 'move' } = wanted;
  const spanMs = days > 0 ? 0 : hours * HOUR;
  const series = {
    rule,
    startMs: wall(start),
    days,
    spanMs,
    zone,
    excluded: excluded.map(wall),
    added: added.map(wall),
    gap,
  };
  return expandSeries(calendar, series, 'recurrence', limits);
}

/** What the wall shows when occurrences begin. */
function starts(wanted: Wanted): readonly string[] {
  return shown(expand(wanted), wanted.zone);
}

function shown(occurrences: readonly Occurrence[], zone = NEW_YORK): readonly string[] {
  return occurrences.map(({ startMs }) => writeWall(calendar.wallAt(startMs, zone)));
}

function refuse(t: ExecutionContext, wanted: Wanted, problem: string, field = 'recurrence.rule', about = /./): void {
  const error = t.throws(() => expand(wanted), { instanceOf: BerthError }, `${wanted.start} ${wanted.rule ?? ''}`);
  t.is(error.reason, 'INVALID_SERIES');
  t.is(error.details.metadata?.['problem'], problem, error.message);
  t.is(error.details.fields?.[0]?.field, field);
  t.regex(error.message, about);
}

for (const example of RFC_EXAMPLES) {
  test(`RFC 5545 3.8.5.3: ${example.title}`, (t) => {
    for (const rule of example.rules) {
      const limits = { occurrences: 1000, years: 12 };
      const occurrences = expand({ start: `${example.start}T09:00`, rule, hours: 1 / 60 }, limits);
      t.deepEqual(shown(occurrences), timesOf(example), rule);
      t.deepEqual(
        occurrences.map(({ wallMs }) => writeWall(wallMs)),
        timesOf(example),
      );
    }
  });
}

test('a weekly 09:00 stays 09:00 where the clock is changed', (t) => {
  const occurrences = expand({ start: '2026-03-20T09:00', rule: 'FREQ=WEEKLY;COUNT=3', zone: 'Europe/London' });
  t.deepEqual(
    occurrences.map(({ startMs }) => writeWall(startMs)),
    ['2026-03-20T09:00', '2026-03-27T09:00', '2026-04-03T08:00'],
  );
  t.deepEqual(shown(occurrences, 'Europe/London'), ['2026-03-20T09:00', '2026-03-27T09:00', '2026-04-03T09:00']);
});

test('a daily 02:30 stands at 03:30 on the day of the gap and at 02:30 on the next', (t) => {
  const daily = { start: '2026-03-07T02:30', rule: 'FREQ=DAILY;COUNT=3' };
  t.deepEqual(starts(daily), ['2026-03-07T02:30', '2026-03-08T03:30', '2026-03-09T02:30']);
  t.is(writeWall(expand(daily)[1]?.wallMs ?? 0), '2026-03-08T02:30');
});

test('a time that does not exist is skipped on demand, and COUNT does not count it', (t) => {
  const daily = { start: '2026-03-07T02:30', rule: 'FREQ=DAILY;COUNT=3', gap: 'skip' } as const;
  t.deepEqual(starts(daily), ['2026-03-07T02:30', '2026-03-09T02:30', '2026-03-10T02:30']);
  const until = { ...daily, rule: 'FREQ=DAILY;UNTIL=20260309T063000Z' };
  t.deepEqual(starts(until), ['2026-03-07T02:30', '2026-03-09T02:30']);
  refuse(t, { ...daily, start: '2026-03-08T02:30' }, 'DTSTART', undefined, /does not exist/);
});

test('of a time that comes twice the first is taken', (t) => {
  const occurrences = expand({ start: '2026-10-31T01:30', rule: 'FREQ=DAILY;COUNT=3' });
  t.deepEqual(
    occurrences.map(({ startMs }) => writeWall(startMs)),
    ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30'],
  );
});

test('a time that a gap moves onto another one is one occurrence with it', (t) => {
  const twice = { start: '2026-03-07T02:00', rule: 'FREQ=DAILY;BYHOUR=2,3;COUNT=5' };
  t.deepEqual(starts(twice), [
    ...['2026-03-07T02:00', '2026-03-07T03:00', '2026-03-08T03:00', '2026-03-09T02:00', '2026-03-09T03:00'],
  ]);
});

test('UNTIL belongs to the rule: in UTC, on the wall, and a date with its whole day', (t) => {
  for (const until of ['20260703T130000Z', '20260703T090000', '20260703']) {
    const rule = `FREQ=DAILY;UNTIL=${until}`;
    t.deepEqual(starts({ start: '2026-07-01T09:00', rule }), [
      '2026-07-01T09:00',
      '2026-07-02T09:00',
      '2026-07-03T09:00',
    ]);
  }
  for (const until of ['20260703T125959Z', '20260703T085959', '20260702']) {
    t.is(starts({ start: '2026-07-01T09:00', rule: `FREQ=DAILY;UNTIL=${until}` }).length, 2, until);
  }
});

test('month days that do not exist are left out', (t) => {
  const rule = 'FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3';
  t.deepEqual(starts({ start: '2026-01-31T09:00', rule }), [
    '2026-01-31T09:00',
    '2026-03-31T09:00',
    '2026-05-31T09:00',
  ]);
  t.deepEqual(
    starts({ start: '2026-01-31T09:00', rule: 'FREQ=MONTHLY;COUNT=3' }),
    starts({ start: '2026-01-31T09:00', rule }),
  );
});

test('dates are added and excluded, and COUNT counts those of the rule', (t) => {
  const series = {
    start: '2026-06-01T09:00',
    rule: 'FREQ=DAILY;COUNT=3',
    excluded: ['2026-06-02T09:00'],
    added: ['2026-06-10T12:00', '2026-06-03T09:00'],
  };
  t.deepEqual(starts(series), ['2026-06-01T09:00', '2026-06-03T09:00', '2026-06-10T12:00']);
  t.deepEqual(starts({ start: '2026-06-01T09:00', added: ['2026-06-05T09:00'] }), [
    '2026-06-01T09:00',
    '2026-06-05T09:00',
  ]);
  refuse(t, { ...series, excluded: ['2026-06-02T10:00'] }, 'EXDATE', 'recurrence.excluded[0]');
  refuse(t, { ...series, added: ['2026-05-31T09:00'] }, 'RDATE', 'recurrence.added[0]');
  const none = { start: '2026-06-01T09:00', rule: 'FREQ=DAILY;COUNT=1', excluded: ['2026-06-01T09:00'] };
  refuse(t, none, 'NO_OCCURRENCE', 'recurrence.excluded');
});

test('days of an occurrence are days on the wall, hours are exact', (t) => {
  const lengths = (wanted: Wanted): readonly number[] =>
    expand(wanted).map(({ startMs, endMs }) => (endMs - startMs) / HOUR);
  t.deepEqual(lengths({ start: '2026-03-07', rule: 'FREQ=DAILY;COUNT=3', days: 1 }), [24, 23, 24]);
  t.deepEqual(lengths({ start: '2026-03-07', rule: 'FREQ=DAILY;COUNT=3', hours: 9 }), [9, 9, 9]);
});

test('a start that is not an occurrence is refused with the first one', (t) => {
  refuse(
    t,
    { start: '2026-06-02T09:00', rule: 'FREQ=WEEKLY;BYDAY=MO;COUNT=3' },
    'DTSTART',
    undefined,
    /2026-06-08T09:00:00/,
  );
  refuse(
    t,
    { start: '2026-06-01T09:00', rule: 'FREQ=DAILY;BYHOUR=10;COUNT=3' },
    'DTSTART',
    undefined,
    /2026-06-01T10:00:00/,
  );
});

test('a rule that never comes, never ends, or ends twice is refused', (t) => {
  const start = '2026-06-01T09:00';
  refuse(t, { start, rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3' }, 'NO_OCCURRENCE');
  refuse(t, { start, rule: 'FREQ=DAILY' }, 'ENDLESS');
  refuse(t, { start, rule: 'FREQ=DAILY;COUNT=3;UNTIL=20260703' }, 'COUNT_AND_UNTIL');
});

test('a series has at most 1,000 occurrences within 3 years', (t) => {
  const start = '2026-06-01T09:00';
  t.is(expand({ start, rule: 'FREQ=DAILY;COUNT=1000' }).length, 1000);
  refuse(t, { start, rule: 'FREQ=DAILY;COUNT=1001' }, 'TOO_MANY');
  refuse(t, { start, rule: 'FREQ=HOURLY;UNTIL=20260901T000000Z', hours: 0.5 }, 'TOO_MANY');
  refuse(t, { start, rule: 'FREQ=DAILY;COUNT=1000', added: ['2026-06-01T12:00'] }, 'TOO_MANY', 'recurrence.added');
  t.is(expand({ start, rule: 'FREQ=YEARLY;COUNT=4' }).length, 4);
  refuse(t, { start, rule: 'FREQ=YEARLY;COUNT=5' }, 'TOO_FAR');
  refuse(t, { start, rule: 'FREQ=MONTHLY;UNTIL=20300101T000000Z' }, 'TOO_FAR');
  refuse(t, { start, added: ['2029-06-02T09:00'] }, 'TOO_FAR', 'recurrence.added');
});

test('occurrences that overlap each other are refused', (t) => {
  refuse(t, { start: '2026-06-01T09:00', rule: 'FREQ=DAILY;COUNT=3', hours: 25 }, 'OVERLAP');
  t.is(expand({ start: '2026-06-01T09:00', rule: 'FREQ=DAILY;COUNT=3', hours: 24 }).length, 3);
  // Only where the day has 23 hours.
  refuse(t, { start: '2026-03-01T09:00', rule: 'FREQ=DAILY;COUNT=10', hours: 24 }, 'OVERLAP');
});

test('what is not a rule is refused with the part that is wrong', (t) => {
  const start = '2026-06-01T09:00';
  for (const [rule, about] of [
    ['DAILY', /'DAILY' is not a part/],
    ['FREQ=SOMETIMES;COUNT=2', /'SOMETIMES' is not a value of FREQ/],
    ['COUNT=2', /needs FREQ/],
    ['FREQ=DAILY;COUNT=0', /'0' is not a value of COUNT/],
    ['FREQ=DAILY;COUNT=2;COUNT=3', /COUNT stands twice/],
    ['FREQ=DAILY;COUNT=2;INTERVAL=0', /INTERVAL/],
    ['FREQ=DAILY;COUNT=2;BYHOUR=24', /'24' is not a value of BYHOUR/],
    ['FREQ=DAILY;COUNT=2;BYMONTHDAY=0', /BYMONTHDAY/],
    ['FREQ=DAILY;COUNT=2;BYMONTHDAY=32', /BYMONTHDAY/],
    ['FREQ=MONTHLY;COUNT=2;BYDAY=MO,XX', /'XX' is not a value of BYDAY/],
    ['FREQ=DAILY;UNTIL=20260230T000000Z', /there is no time/],
    ['FREQ=DAILY;UNTIL=20260601T250000Z', /there is no time/],
    ['FREQ=DAILY;COUNT=2;RSCALE=HEBREW', /'RSCALE=HEBREW' is not a part/],
    ['FREQ=DAILY;COUNT=2;constructor=1', /is not a part/],
    ['FREQ=DAILY;COUNT=2;BYWEEKNO=3', /BYWEEKNO/],
    ['FREQ=DAILY;COUNT=2;', /'' is not a part/],
  ] as const) {
    refuse(t, { start, rule }, 'RULE', undefined, about);
  }
  t.is(expand({ start, rule: 'rrule:freq=daily;count=2' }).length, 2);
});
