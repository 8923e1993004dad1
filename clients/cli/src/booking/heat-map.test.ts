import { type Block, Grain } from '@berth/client';
import { zonedText } from '@berth/views';
import test from 'ava';
import { csvText } from './capacity-view.js';
import { drawMaps } from './heat-map.js';

const HOUR_MS = 3_600_000;

/** Blocks of so many hours each, with so much left of 10 cores. */
function blocks(from: string, hours: number, worst: readonly number[]): Block[] {
  const first = Date.parse(from);
  return worst.map((left, i) => ({
    interval: {
      startTime: new Date(first + i * hours * HOUR_MS),
      endTime: new Date(first + (i + 1) * hours * HOUR_MS),
    },
    partial: false,
    amounts: [
      {
        amount: 'cores',
        granted: 10,
        firm: { booked: 10 - left, worst: left, best: left, levels: [] },
        all: undefined,
      },
    ],
    fits: [],
  }));
}

function draw(of: readonly Block[], grain: Grain, zone = 'UTC', color = false): readonly string[] {
  const shown = { figure: 'worst', provisional: false, start: zonedText(zone, grain) } as const;
  return drawMaps(of, { ...shown, grain, zone, units: { cores: 'vCPU' }, color });
}

test('days are drawn by weeks, a number in each cell', (t) => {
  t.deepEqual(draw(blocks('2020-01-01T00:00Z', 24, [9, 8, 7, 6, 5, 4, 4, -1]), Grain.DAY), [
    'cores (vCPU): worst, UTC',
    '           Mo Tu We Th Fr Sa Su',
    '2019-12-30        9  8  7  6  5',
    '2020-01-06  4  4 -1',
  ]);
});

test('a day of 25 hours has 25 cells, one of 23 leaves out the hour that was not', (t) => {
  const rowOf = (from: string, count: number) =>
    draw(
      blocks(
        from,
        1,
        Array.from({ length: count }, () => 7),
      ),
      Grain.HOUR,
      'Europe/London',
    ).at(-1);
  t.is(rowOf('2031-10-25T23:00Z', 25), `2031-10-26 ${Array.from({ length: 25 }, () => ' 7').join(' ')}`);
  const short = [' 7', '  ', ...Array.from({ length: 22 }, () => ' 7')].join(' ');
  t.is(rowOf('2031-03-30T00:00Z', 23), `2031-03-30 ${short}`);
});

test('months are drawn by years', (t) => {
  const of = blocks('2031-11-01T00:00Z', 24 * 31, [3, 2]);
  t.deepEqual(draw(of, Grain.MONTH).slice(2), [`2031 ${'   '.repeat(10)} 3  2`]);
});

test('colours change nothing of the numbers', (t) => {
  const of = blocks('2020-01-01T00:00Z', 24, [10, 5, 2, 0, -3]);
  // eslint-disable-next-line no-control-regex -- colours are control characters
  const plain = draw(of, Grain.DAY, 'UTC', true).map((line) => line.replace(/\u001b\[\d+m/g, '').trimEnd());
  t.deepEqual(plain, draw(of, Grain.DAY));
});

test('comma-separated values have a column for each amount, with starts in the zone', (t) => {
  const of = blocks('2031-06-01T00:00Z', 1, [9, 8]);
  const csv = (zone: string) =>
    csvText(of, { figure: 'worst', provisional: false, start: zonedText(zone, Grain.HOUR) });
  t.is(csv('UTC'), 'start,cores\n2031-06-01T00:00Z,9\n2031-06-01T01:00Z,8\n');
  t.is(csv('Europe/London'), 'start,cores\n2031-06-01T01:00+01:00,9\n2031-06-01T02:00+01:00,8\n');
  const booked = csvText(of, { figure: 'booked', provisional: true, start: zonedText('UTC', Grain.DAY) });
  t.is(booked, 'start,cores\n2031-06-01,1\n2031-06-01,2\n');
});
