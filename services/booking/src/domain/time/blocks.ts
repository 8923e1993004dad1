import { invalidField } from '@berth/kernel';
import type { Block } from './block.js';
import type { Calendar, WallMs } from './calendar.js';
import type { Grain, Grid } from './grain.js';
import type { Interval } from './interval.js';
import { DAY_MS } from './wall.js';

const MOST_BLOCKS = 100_000;

/** Grains that always have the same length. */
const SPANS: Partial<Record<Grain, number>> = { minute: 60_000, hour: 3_600_000 };

/**
 * The blocks of a range in order, each one beginning where the one before ends. Minutes and hours are counted from the start
 * of the range. From day on they begin at midnight of the zone, so that a day has 23 or 25 hours where the clock is changed; a
 * day that the zone left out has no block. Months and years are computed from the first one: 31 January, 28 February, 31
 * March. TOO_MANY_BLOCKS for `path` if there are more than `most`.
 */
export function blocksOf(
  calendar: Calendar,
  range: Interval,
  grid: Grid,
  path: string,
  most = MOST_BLOCKS,
): readonly Block[] {
  const boundary = boundariesOf(calendar, range, grid);
  const blocks: Block[] = [];
  let startMs = boundary(0);
  for (let i = 1; startMs < range.endMs; i++) {
    const endMs = boundary(i);
    if (startMs < endMs && endMs > range.startMs) blocks.push(blockOf(startMs, endMs, range, grid.clip));
    if (blocks.length > most) throw tooMany(path, most, grid.grain);
    startMs = endMs;
  }
  return blocks;
}

function blockOf(startMs: number, endMs: number, range: Interval, clip: boolean): Block {
  const partial = startMs < range.startMs || endMs > range.endMs;
  if (!partial || !clip) return { startMs, endMs, partial };
  return { startMs: Math.max(startMs, range.startMs), endMs: Math.min(endMs, range.endMs), partial };
}

function tooMany(path: string, most: number, grain: Grain): Error {
  const blocks = `more than ${most.toLocaleString('en')} blocks of a ${grain}`;
  return invalidField(path, `the range has ${blocks}; take a coarser grain or a shorter range`, 'TOO_MANY_BLOCKS');
}

/** The instants between blocks, by their number; 0 is at the start of the range or before it. */
function boundariesOf(calendar: Calendar, { startMs }: Interval, grid: Grid): (i: number) => number {
  const { grain, zone } = grid;
  const spanMs = SPANS[grain];
  if (spanMs !== undefined) return (i) => startMs + i * spanMs;
  const firstMs = firstDay(calendar, calendar.wallAt(startMs, zone), grid);
  return (i) => calendar.place(onTheWall(calendar, grain, firstMs, i), zone).atMs;
}

function onTheWall(calendar: Calendar, grain: Grain, firstMs: WallMs, i: number): WallMs {
  if (grain === 'day') return firstMs + i * DAY_MS;
  if (grain === 'week') return firstMs + i * 7 * DAY_MS;
  return calendar.addMonths(firstMs, grain === 'month' ? i : 12 * i);
}

/** Midnight of the day on which the first block begins. */
function firstDay(calendar: Calendar, wallMs: WallMs, { grain, anchor }: Grid): WallMs {
  const midnight = wallMs - modulo(wallMs, DAY_MS);
  if (anchor === 'start') return midnight;
  if (grain === 'week') {
    const begins = anchor === 'calendar' ? 1 : anchor.weekday;
    return midnight - modulo(calendar.weekday(midnight) - begins, 7) * DAY_MS;
  }
  if (anchor !== 'calendar' || grain === 'day') return midnight;
  const date = calendar.writeDate(midnight);
  return calendar.readDate(grain === 'month' ? `${date.slice(0, -2)}01` : `${date.slice(0, -5)}01-01`) ?? midnight;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
