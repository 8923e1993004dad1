import { checkSeeded } from '@berth/testkit/seeded';
import test from 'ava';
import fc from 'fast-check';
import { calendar, wall } from '../../calendar/at.fixture.js';
import { blocksOf } from '../time/blocks.js';
import type { Anchor, Grain } from '../time/grain.js';
import type { RowKind } from '../timeline/rows.js';
import { Timeline } from '../timeline/timeline.js';
import type { AmountBlock } from './availability.js';
import { findFits } from './find-fits.js';
import { getAvailability } from './get-availability.js';

const QUARTER = 900_000;
const FIRST_MS = wall('2026-01-01');
const QUARTERS = 2 * 365 * 24 * 4;

const ZONES = [
  'UTC',
  'Europe/London',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
];
/** Each grain with those that its blocks are divided into here. */
const FINER: readonly (readonly [Grain, Grain])[] = [
  ['year', 'month'],
  ['year', 'week'],
  ['year', 'day'],
  ['month', 'week'],
  ['month', 'day'],
  ['month', 'hour'],
  ['week', 'day'],
  ['week', 'hour'],
  ['day', 'hour'],
  ['hour', 'minute'],
];

const instant = fc.integer({ min: 0, max: QUARTERS }).map((i) => FIRST_MS + i * QUARTER);
const span = fc
  .tuple(instant, instant)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => ({ startMs: Math.min(one, other), endMs: Math.max(one, other) }));
const short = fc.tuple(instant, fc.integer({ min: 1, max: 400 })).map(([startMs, length]) => ({
  startMs,
  endMs: startMs + length * QUARTER,
}));
const row = fc.record({
  kind: fc.constantFrom<RowKind>('grant', 'booking', 'booking', 'provisional'),
  span: fc.oneof(span, short),
  value: fc.integer({ min: 1, max: 5 }),
});
const anchor: fc.Arbitrary<Anchor> = fc.oneof(
  fc.constantFrom<Anchor>('start', 'calendar'),
  fc.integer({ min: 1, max: 7 }).map((weekday) => ({ weekday })),
);

function timelineOf(
  rows: readonly { kind: RowKind; span: { startMs: number; endMs: number }; value: number }[],
): Timeline {
  const timeline = new Timeline();
  for (const { kind, span, value } of rows) timeline.add(kind, span.startMs, span.endMs, { cores: value });
  return timeline;
}

function firmOf(timeline: Timeline, blocks: ReturnType<typeof blocksOf>): readonly AmountBlock[] {
  const { blocks: found } = getAvailability(timeline, blocks, { amounts: ['cores'], templates: [], levels: true });
  return found.flatMap(({ firm }) => firm.amounts);
}

test('the worst of a coarse block is the least of the finer ones, and the best the most', (t) => {
  const question = fc.record({
    rows: fc.array(row, { maxLength: 25 }),
    range: short,
    grains: fc.constantFrom(...FINER),
    zone: fc.constantFrom(...ZONES),
    anchors: fc.tuple(anchor, anchor),
    clip: fc.boolean(),
    chosen: fc.nat(),
  });
  const property = fc.property(question, ({ rows, range, grains, zone, anchors, clip, chosen }) => {
    const timeline = timelineOf(rows);
    const [grain, finer] = grains;
    const coarse = blocksOf(calendar, range, { grain, anchor: anchors[0], zone, clip }, 'range');
    const i = chosen % coarse.length;
    const block = coarse[i]!;
    const whole = firmOf(timeline, coarse)[i]!;
    const pieces = blocksOf(calendar, block, { grain: finer, anchor: anchors[1], zone, clip: true }, 'range');
    const parts = firmOf(timeline, pieces);
    t.is(whole.worst, Math.min(...parts.map(({ worst }) => worst)));
    t.is(whole.best, Math.max(...parts.map(({ best }) => best)));
    t.is(whole.granted, Math.min(...parts.map(({ granted }) => granted)));
    t.is(whole.booked, Math.max(...parts.map(({ booked }) => booked)));
    // The walk over pieces and the searches in the tree are two ways to the same figures.
    t.is(whole.worst, timeline.worst('cores', block.startMs, block.endMs));
    t.is(whole.best, timeline.best('cores', block.startMs, block.endMs));
    const lasted = new Map<number, number>();
    for (const { left, lastedMs } of parts.flatMap(({ levels = [] }) => levels)) {
      lasted.set(left, (lasted.get(left) ?? 0) + lastedMs);
    }
    t.deepEqual(
      whole.levels,
      [...lasted].map(([left, lastedMs]) => ({ left, lastedMs })).sort((a, b) => a.left - b.left),
    );
  });
  checkSeeded(t, 300, property);
});

test('blocks follow each other over the whole range, and reach beyond it only where they are whole and partial', (t) => {
  const question = fc.record({
    range: span,
    grain: fc.constantFrom<Grain>('hour', 'day', 'week', 'month', 'year'),
    zone: fc.constantFrom(...ZONES),
    anchor,
    clip: fc.boolean(),
  });
  const property = fc.property(question, ({ range, grain, zone, anchor, clip }) => {
    const blocks = blocksOf(calendar, range, { grain, anchor, zone, clip }, 'range');
    const [first] = blocks;
    const last = blocks.at(-1);
    t.true(blocks.every(({ startMs, endMs }, i) => startMs < endMs && startMs === (blocks[i - 1]?.endMs ?? startMs)));
    t.true(blocks.slice(1, -1).every(({ partial }) => !partial));
    t.true(first!.startMs <= range.startMs && first!.endMs > range.startMs);
    t.true(last!.endMs >= range.endMs && last!.startMs < range.endMs);
    if (clip) t.deepEqual([first!.startMs, last!.endMs], [range.startMs, range.endMs]);
    else t.is(first!.partial || last!.partial, first!.startMs < range.startMs || last!.endMs > range.endMs);
  });
  checkSeeded(t, 200, property);
});

test('provisional bookings count in `all` as though they were firm, and nowhere else', (t) => {
  const property = fc.property(fc.array(row, { maxLength: 25 }), short, (rows, range) => {
    const blocks = blocksOf(calendar, range, { grain: 'hour', anchor: 'start', zone: 'UTC', clip: true }, 'range');
    const asked = { amounts: ['cores'], templates: [{ cores: 2 }], levels: true };
    const { blocks: found } = getAvailability(timelineOf(rows), blocks, asked);
    const firm = rows.filter(({ kind }) => kind !== 'provisional');
    const all = rows.map((one) => (one.kind === 'provisional' ? { ...one, kind: 'booking' as const } : one));
    const firmly = getAvailability(timelineOf(firm), blocks, asked).blocks;
    const together = getAvailability(timelineOf(all), blocks, asked).blocks;
    t.deepEqual(
      found.map((block) => block.firm),
      firmly.map((block) => block.firm),
    );
    t.deepEqual(
      found.map((block) => block.all),
      together.map((block) => block.firm),
    );
  });
  checkSeeded(t, 100, property);
});

test('fits are all the starts that there are, in stretches that do not touch', (t) => {
  const most = 40;
  const place = fc.tuple(fc.nat(most), fc.nat(most)).filter(([one, other]) => one !== other);
  const few = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 3 }), fc.boolean()), { maxLength: 12 });
  const property = fc.property(few, fc.integer({ min: 1, max: 9 }), fc.nat(4), (rows, durationMs, cores) => {
    const timeline = new Timeline();
    for (const [[one, other], value, isGrant] of rows) {
      timeline.add(isGrant ? 'grant' : 'booking', Math.min(one, other), Math.max(one, other), { cores: value });
    }
    const question = { window: { startMs: 0, endMs: most }, durationMs, need: { cores }, most: 100 };
    const found = findFits(timeline, question);
    const starts = Array.from({ length: most - durationMs + 1 }, (_, startMs) => startMs).filter(
      (startMs) => cores === 0 || timeline.worst('cores', startMs, startMs + durationMs) >= cores,
    );
    t.deepEqual(
      found.flatMap(({ startMs, latestStartMs }) =>
        Array.from({ length: latestStartMs - startMs + 1 }, (_, i) => startMs + i),
      ),
      starts,
    );
    t.deepEqual(findFits(timeline, { ...question, most: 1 }), found.slice(0, 1));
  });
  checkSeeded(t, 300, property);
});
