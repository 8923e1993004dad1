import { BerthError } from '@berth/kernel';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { calendar, wall, writeWall } from '../../calendar/at.fixture.js';
import type { Block } from './block.js';
import { blocksOf } from './blocks.js';
import type { Anchor, Grain } from './grain.js';
import { readInterval } from './when.js';

const HOUR = 3_600_000;

interface Question {
  readonly from: string;
  /** Through this day. */
  readonly until: string;
  readonly grain: Grain;
  readonly zone?: string;
  readonly anchor?: Anchor;
  readonly clip?: boolean;
  readonly most?: number;
}

function blocks({
  from,
  until,
  grain,
  zone = 'UTC',
  anchor = 'start',
  clip = false,
  most,
}: Question): readonly Block[] {
  const range = readInterval(calendar, { start: { date: from }, end: { date: until } }, zone, 'range');
  return blocksOf(calendar, range, { grain, anchor, zone, clip }, 'range', most);
}

/** Where blocks begin on the wall, and a star after those that are partial. */
function starts(question: Question): readonly string[] {
  const zone = question.zone ?? 'UTC';
  return blocks(question).map((block) => writeWall(calendar.wallAt(block.startMs, zone)) + (block.partial ? '*' : ''));
}

function hours(question: Question): readonly number[] {
  return blocks(question).map(({ startMs, endMs }) => (endMs - startMs) / HOUR);
}

test('a day has 23 or 25 hours where the clock is changed, and that many blocks of an hour', (t) => {
  for (const [zone, spring, autumn] of [
    ['Europe/London', '2026-03-29', '2026-10-25'],
    ['America/New_York', '2026-03-08', '2026-11-01'],
  ] as const) {
    for (const [date, length] of [
      [spring, 23],
      [autumn, 25],
    ] as const) {
      t.deepEqual(hours({ from: date, until: date, grain: 'day', zone }), [length]);
      const byHour = blocks({ from: date, until: date, grain: 'hour', zone });
      t.is(byHour.length, length);
      t.true(byHour.every((block) => !block.partial && block.endMs - block.startMs === HOUR));
    }
  }
  const week = hours({ from: '2026-03-27', until: '2026-03-30', grain: 'day', zone: 'Europe/London' });
  t.deepEqual(week, [24, 24, 23, 24]);
});

test('a day that the zone left out has no block, and one whose midnight is left out begins later', (t) => {
  const samoa = { from: '2011-12-29', until: '2011-12-31', grain: 'day', zone: 'Pacific/Apia' } as const;
  t.deepEqual(starts(samoa), ['2011-12-29', '2011-12-31']);
  const brazil = { from: '2018-11-03', until: '2018-11-04', grain: 'day', zone: 'America/Sao_Paulo' } as const;
  t.deepEqual(starts(brazil), ['2018-11-03', '2018-11-04T01:00']);
  t.deepEqual(hours(brazil), [24, 23]);
});

test('a week begins where the range does, on Monday, or on a named day', (t) => {
  const week = { from: '2020-06-10', until: '2020-06-23', grain: 'week' } as const;
  t.deepEqual(starts(week), ['2020-06-10', '2020-06-17']);
  t.deepEqual(starts({ ...week, anchor: 'calendar' }), ['2020-06-08*', '2020-06-15', '2020-06-22*']);
  t.deepEqual(starts({ ...week, anchor: { weekday: 7 } }), ['2020-06-07*', '2020-06-14', '2020-06-21*']);
  t.deepEqual(starts({ ...week, anchor: { weekday: 3 } }), ['2020-06-10', '2020-06-17']);
});

test('months are computed from the first one, so that it keeps its day', (t) => {
  const months = { from: '2021-01-31', until: '2021-05-30', grain: 'month' } as const;
  t.deepEqual(starts(months), ['2021-01-31', '2021-02-28', '2021-03-31', '2021-04-30']);
  t.deepEqual(starts({ ...months, anchor: 'calendar' }).slice(0, 3), ['2021-01-01*', '2021-02-01', '2021-03-01']);
  t.deepEqual(starts({ ...months, anchor: { weekday: 2 } }), starts(months));
});

test('years begin where the range does, or on 1 January', (t) => {
  const years = { from: '2020-02-29', until: '2022-02-27', grain: 'year' } as const;
  t.deepEqual(starts(years), ['2020-02-29', '2021-02-28']);
  t.deepEqual(starts({ ...years, anchor: 'calendar' }), ['2020-01-01*', '2021-01-01', '2022-01-01*']);
});

test('the last block is whole, or cut at the range, and marked either way', (t) => {
  const question = { from: '2020-06-08', until: '2020-06-16', grain: 'week' } as const;
  t.deepEqual(hours(question), [168, 168]);
  t.deepEqual(starts(question), ['2020-06-08', '2020-06-15*']);
  t.deepEqual(hours({ ...question, clip: true }), [168, 48]);
  t.deepEqual(starts({ ...question, clip: true }), ['2020-06-08', '2020-06-15*']);
  const both = { ...question, from: '2020-06-10', anchor: 'calendar', clip: true } as const;
  t.deepEqual(hours(both), [120, 48]);
});

test('minutes and hours are counted from the start of the range, in any zone', (t) => {
  const startMs = wall('2020-06-08T10:10');
  const range = { startMs, endMs: startMs + 90 * 60_000 };
  const grid = { grain: 'hour', anchor: 'calendar', zone: 'Asia/Kathmandu', clip: false } as const;
  t.deepEqual(blocksOf(calendar, range, grid, 'range'), [
    { startMs, endMs: startMs + HOUR, partial: false },
    { startMs: startMs + HOUR, endMs: startMs + 2 * HOUR, partial: true },
  ]);
});

function refusal(t: ExecutionContext, question: Question): BerthError {
  return t.throws(() => blocks(question), { instanceOf: BerthError });
}

test('more than 100,000 blocks are refused, whatever their grain', (t) => {
  for (const grain of ['minute', 'hour', 'day'] as const) {
    const error = refusal(t, { from: '1600-01-01', until: '2026-01-01', grain });
    t.is(error.reason, 'TOO_MANY_BLOCKS');
    t.is(error.details.fields?.[0]?.field, 'range');
  }
  t.is(blocks({ from: '2020-01-01', until: '2020-01-04', grain: 'hour', most: 96 }).length, 96);
  t.is(refusal(t, { from: '2020-01-01', until: '2020-01-05', grain: 'hour', most: 96 }).reason, 'TOO_MANY_BLOCKS');
});
