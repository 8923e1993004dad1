import test from 'ava';
import { RuleProblem } from '../ports/calendar.js';
import { calendar, wall, writeWall } from './at.fixture.js';

const HOUR = 3_600_000;

test('a zone is known by its IANA name in any case, and by nothing else', (t) => {
  t.is(calendar.zone('europe/LONDON'), 'Europe/London');
  t.is(calendar.zone('UTC'), 'UTC');
  t.is(calendar.zone('Asia/Calcutta'), 'Asia/Calcutta');
  for (const name of ['', 'Europe/Lundon', '+01:00', '2020-01-01T00:00[Europe/London]', 'Z ', 'local', '__proto__']) {
    t.is(calendar.zone(name), undefined, name);
  }
  t.true(calendar.zones().includes('Europe/London'));
});

test('a time on the wall is placed where the zone has it', (t) => {
  t.deepEqual(calendar.place(wall('2020-01-15'), 'Europe/London'), { atMs: wall('2020-01-15'), gapMs: 0 });
  t.deepEqual(calendar.place(wall('2020-07-15'), 'Europe/London'), { atMs: wall('2020-07-14T23:00'), gapMs: 0 });
  t.deepEqual(calendar.place(wall('2050-07-15'), 'America/New_York'), { atMs: wall('2050-07-15T04:00'), gapMs: 0 });
});

test('of a time that comes twice the first is taken, and a time that does not exist moves on by the gap', (t) => {
  // 2026-10-25 01:30 in London comes at 00:30Z and 01:30Z; 2026-03-29 01:30 never comes.
  t.deepEqual(calendar.place(wall('2026-10-25T01:30'), 'Europe/London'), { atMs: wall('2026-10-25T00:30'), gapMs: 0 });
  const moved = calendar.place(wall('2026-03-29T01:30'), 'Europe/London');
  t.deepEqual(moved, { atMs: wall('2026-03-29T01:30'), gapMs: HOUR });
  t.is(writeWall(calendar.wallAt(moved.atMs, 'Europe/London')), '2026-03-29T02:30');
  // Half an hour on Lord Howe Island; a whole day that Samoa left out.
  t.is(calendar.place(wall('2026-10-04T02:15'), 'Australia/Lord_Howe').gapMs, HOUR / 2);
  t.is(calendar.place(wall('2011-12-30T12:00'), 'Pacific/Apia').gapMs, 24 * HOUR);
});

test('midnight that does not exist is the first instant of its day', (t) => {
  const { atMs } = calendar.place(wall('2018-11-04'), 'America/Sao_Paulo');
  t.is(atMs, wall('2018-11-04T03:00'));
  t.is(writeWall(calendar.wallAt(atMs, 'America/Sao_Paulo')), '2018-11-04T01:00');
});

test('what the wall shows at an instant follows the zone, also before 1970', (t) => {
  t.is(writeWall(calendar.wallAt(wall('2020-07-15T12:00'), 'America/New_York')), '2020-07-15T08:00');
  t.is(writeWall(calendar.wallAt(wall('2020-07-15T12:00'), 'Asia/Kathmandu')), '2020-07-15T17:45');
  t.is(writeWall(calendar.wallAt(wall('1960-01-01T00:00'), 'Europe/Paris')), '1960-01-01T01:00');
});

test('months are added to the last day that there is', (t) => {
  const add = (date: string, months: number): string => writeWall(calendar.addMonths(wall(date), months));
  t.is(add('2021-01-31', 1), '2021-02-28');
  t.is(add('2020-01-31', 1), '2020-02-29');
  t.is(add('2021-01-31', 2), '2021-03-31');
  t.is(add('2020-02-29', 12), '2021-02-28');
  t.is(add('2020-02-29', 48), '2024-02-29');
  t.is(add('2021-01-31T09:30', -2), '2020-11-30T09:30');
});

test('dates are read if there are such dates', (t) => {
  t.is(calendar.readDate('2020-02-29'), wall('2020-02-29'));
  for (const text of [
    '2021-02-29',
    '2020-13-01',
    '2020-1-1',
    '0000-01-01',
    '20200101',
    '2020-01-01T00:00',
    '',
    'today',
  ]) {
    t.is(calendar.readDate(text), undefined, text);
  }
  t.is(calendar.writeDate(wall('2020-02-29T23:59')), '2020-02-29');
  t.is(calendar.weekday(wall('2026-11-27T13:00')), 5);
});

function expand(rule: string, start: string, last = '2030-01-01', most = 5): readonly string[] {
  const found: string[] = [];
  calendar.expand(rule, wall(start), wall(last), (wallMs) => found.push(writeWall(wallMs)) < most);
  return found;
}

test('a rule is expanded on the wall until the visitor has enough', (t) => {
  t.deepEqual(expand('FREQ=WEEKLY;BYDAY=MO,FR', '2026-11-27T09:00', undefined, 3), [
    '2026-11-27T09:00',
    '2026-11-30T09:00',
    '2026-12-04T09:00',
  ]);
  t.deepEqual(expand('FREQ=DAILY', '2026-11-27T09:00', '2026-11-28T09:00'), ['2026-11-27T09:00', '2026-11-28T09:00']);
  t.deepEqual(expand('FREQ=HOURLY', '2026-11-27T09:00:00.250', undefined, 2), [
    '2026-11-27T09:00:00.250Z',
    '2026-11-27T10:00:00.250Z',
  ]);
});

test('a rule that never comes has no times, whatever it is made of', (t) => {
  t.deepEqual(expand('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-11-27T09:00'), []);
  t.deepEqual(expand('FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', '2026-11-27T09:00'), []);
  t.deepEqual(expand('FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31', '2026-11-27T09:00'), []);
});

test('an error of the visitor is thrown as it is, and a rule that the RFC forbids is a problem', (t) => {
  const thrown = t.throws(() =>
    calendar.expand('FREQ=DAILY', wall('2026-11-27'), wall('2027-11-27'), () => {
      throw new RangeError('enough');
    }),
  );
  t.is(thrown.message, 'enough');
  t.throws(() => expand('FREQ=DAILY;BYWEEKNO=3', '2026-11-27'), { instanceOf: RuleProblem, message: /BYWEEKNO/ });
});
