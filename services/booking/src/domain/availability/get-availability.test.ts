import test from 'ava';
import { calendar } from '../../calendar/at.fixture.js';
import type { Block } from '../time/block.js';
import { blocksOf } from '../time/blocks.js';
import type { Grain } from '../time/grain.js';
import type { Interval } from '../time/interval.js';
import { readInterval } from '../time/when.js';
import { Timeline } from '../timeline/timeline.js';
import type { AmountBlock } from './availability.js';
import { getAvailability } from './get-availability.js';

function dates(from: string, until: string, zone = 'UTC'): Interval {
  return readInterval(calendar, { start: { date: from }, end: { date: until } }, zone, 'range');
}

function cut(from: string, until: string, grain: Grain, zone = 'UTC'): readonly Block[] {
  return blocksOf(calendar, dates(from, until, zone), { grain, anchor: 'start', zone, clip: false }, 'range');
}

/** One amount, firm, by block. */
function cores(timeline: Timeline, blocks: readonly Block[]): readonly AmountBlock[] {
  const { blocks: found } = getAvailability(timeline, blocks, { amounts: ['cores'], templates: [], levels: false });
  return found.flatMap(({ firm }) => firm.amounts);
}

/** The example of docs/booking.md: 10 granted over January, six bookings of 11 days from the 1st, 2nd … 6th. */
function january(): Timeline {
  const timeline = new Timeline();
  const { startMs, endMs } = dates('2020-01-01', '2020-02-01');
  timeline.add('grant', startMs, endMs, { cores: 10 });
  for (let day = 1; day <= 6; day++) {
    const booking = dates(`2020-01-0${String(day)}`, `2020-01-${String(day + 10)}`);
    timeline.add('booking', booking.startMs, booking.endMs, { cores: 1 });
  }
  return timeline;
}

const JANUARY = [...[9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9], ...new Array<number>(16).fill(10)];

test('six bookings of eleven days by date leave what they should, by day and by hour, and 0 after the grant', (t) => {
  const byDay = cores(january(), cut('2020-01-01', '2020-02-01', 'day'));
  t.deepEqual(
    byDay.map(({ worst }) => worst),
    JANUARY,
  );
  t.deepEqual(
    byDay.map(({ best }) => best),
    JANUARY,
  );
  const byHour = cores(january(), cut('2020-01-01', '2020-02-01', 'hour'));
  t.deepEqual(
    byHour.map(({ worst }) => worst),
    JANUARY.flatMap((left) => new Array<number>(24).fill(left)),
  );
  const after = cores(january(), cut('2020-02-02', '2020-02-29', 'day'));
  t.is(after.length, 28);
  for (const block of after) t.deepEqual(block, { granted: 0, booked: 0, worst: 0, best: 0 });
});

test('the worst of a block is that of an instant, not a difference of sums', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 50, { cores: 10 });
  timeline.add('grant', 50, 100, { cores: 4 });
  timeline.add('booking', 0, 50, { cores: 8 });
  const [block] = cores(timeline, [{ startMs: 0, endMs: 100, partial: false }]);
  t.deepEqual(block, { granted: 4, booked: 8, worst: 2, best: 4 });
});

test('how often a template fits is told by its scarcest amount at the worst instant', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 100, { cores: 9, memory: 6 });
  timeline.add('booking', 30, 40, { cores: 4 });
  const templates = [{ cores: 1, memory: 1 }, { cores: 2, memory: 2 }, { cores: 1, disc: 1 }, { memory: 7 }];
  const block = { startMs: 0, endMs: 100, partial: false };
  const { amounts, blocks } = getAvailability(timeline, [block], { templates, levels: false });
  t.deepEqual(amounts, ['cores', 'memory']);
  t.deepEqual(blocks[0]?.firm.fits, [5, 2, 0, 0]);
  t.is(blocks[0]?.firm.amounts.length, 2);
});

test('less than nothing is told as it is, and fits nothing', (t) => {
  const timeline = new Timeline();
  timeline.add('booking', 0, 100, { cores: 3 });
  const block = { startMs: 0, endMs: 10, partial: false };
  const { blocks } = getAvailability(timeline, [block], { templates: [{ cores: 1 }], levels: false });
  t.deepEqual(blocks[0]?.firm, { amounts: [{ granted: 0, booked: 3, worst: -3, best: -3 }], fits: [0] });
});

test('provisional bookings are shown apart, only where there are some', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 100, { cores: 5 });
  timeline.add('provisional', 10, 20, { cores: 3 });
  const blocks = [0, 10, 20].map((startMs) => ({ startMs, endMs: startMs + 10, partial: false }));
  const found = getAvailability(timeline, blocks, { templates: [{ cores: 2 }], levels: false }).blocks;
  t.deepEqual(
    found.map(({ firm, all }) => firm === all),
    [true, false, true],
  );
  t.deepEqual(found[1]?.firm, { amounts: [{ granted: 5, booked: 0, worst: 5, best: 5 }], fits: [2] });
  t.deepEqual(found[1]?.all, { amounts: [{ granted: 5, booked: 3, worst: 2, best: 2 }], fits: [1] });
});

test('each level is told with how long it lasted, together the whole block', (t) => {
  const timeline = new Timeline();
  timeline.add('grant', 0, 90, { cores: 5 });
  timeline.add('booking', 10, 20, { cores: 1 });
  timeline.add('booking', 40, 60, { cores: 1 });
  const block = { startMs: 0, endMs: 100, partial: false };
  const { blocks } = getAvailability(timeline, [block], { amounts: ['cores', 'none'], templates: [], levels: true });
  t.deepEqual(blocks[0]?.firm.amounts[0]?.levels, [
    { left: 0, lastedMs: 10 },
    { left: 4, lastedMs: 30 },
    { left: 5, lastedMs: 60 },
  ]);
  t.deepEqual(blocks[0]?.firm.amounts[1], {
    granted: 0,
    booked: 0,
    worst: 0,
    best: 0,
    levels: [{ left: 0, lastedMs: 100 }],
  });
});

test('a day of 23 or 25 hours agrees with its hours', (t) => {
  for (const [date, hours] of [
    ['2026-03-29', 23],
    ['2026-10-25', 25],
  ] as const) {
    const zone = 'Europe/London';
    const { startMs, endMs } = dates(date, date, zone);
    const timeline = new Timeline();
    timeline.add('grant', startMs, endMs, { cores: 2 });
    timeline.add('booking', endMs - 3_600_000, endMs, { cores: 2 });
    const byHour = cores(timeline, cut(date, date, 'hour', zone)).map(({ worst }) => worst);
    t.deepEqual(byHour, [...new Array<number>(hours - 1).fill(2), 0]);
    t.is(cores(timeline, cut(date, date, 'day', zone))[0]?.worst, 0);
  }
});
