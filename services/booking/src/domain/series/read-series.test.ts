import test from 'ava';
import { calendar, wall } from '../../calendar/at.fixture.js';
import type { When } from '../time/when.js';
import { expandSeries } from './expand-series.js';
import { readSeries } from './read-series.js';

const ZONE = 'Europe/London';

function read(start: When, end: When, excluded: readonly When[] = [], added: readonly When[] = []) {
  const recurrence = { rule: 'FREQ=WEEKLY;COUNT=3', excluded, added, gap: 'move' } as const;
  return readSeries(calendar, { start, end, zone: ZONE, path: 'booking.range' }, recurrence, 'recurrence');
}

test('from date to date an occurrence lasts whole days', (t) => {
  const series = read({ date: '2026-03-23' }, { date: '2026-03-27' });
  t.like(series, { startMs: wall('2026-03-23'), days: 5, spanMs: 0, zone: ZONE });
  t.like(read({ date: '2026-03-23' }, { date: '2026-03-23' }), { days: 1, spanMs: 0 });
});

test('between instants it lasts as long as the first one, exactly', (t) => {
  const series = read({ atMs: wall('2026-06-01T08:00') }, { atMs: wall('2026-06-01T16:00') });
  t.like(series, { startMs: wall('2026-06-01T09:00'), days: 0, spanMs: 8 * 3_600_000 });
  const mixed = read({ date: '2026-06-01' }, { atMs: wall('2026-06-01T16:00') });
  t.like(mixed, { startMs: wall('2026-06-01'), days: 0, spanMs: 17 * 3_600_000 });
});

test('a date that is excluded or added means the time of the start on that day', (t) => {
  const start = { atMs: wall('2026-06-01T08:00') };
  const end = { atMs: wall('2026-06-01T16:00') };
  const series = read(
    start,
    end,
    [{ date: '2026-06-08' }],
    [{ date: '2026-06-10' }, { atMs: wall('2026-06-11T04:00') }],
  );
  t.deepEqual(
    expandSeries(calendar, series, 'recurrence').map(({ wallMs }) => wallMs),
    ['2026-06-01T09:00', '2026-06-10T09:00', '2026-06-11T05:00', '2026-06-15T09:00'].map(wall),
  );
});

test('a date that does not exist is refused with its field', (t) => {
  const start = { date: '2026-06-01' };
  t.throws(() => read(start, start, [{ date: '2026-06-31' }]), { message: /recurrence\.excluded\[0\]/ });
  t.throws(() => read(start, start, [], [{ date: '2026-06-31' }]), { message: /recurrence\.added\[0\]/ });
  t.throws(() => read(start, { date: '2026-05-31' }), { message: /booking\.range\.end/ });
});
