import { checkSeeded } from '@berth/testkit/seeded';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import type { Piece, RowKind } from './rows.js';
import { Sweep } from './sweep.fixture.js';
import { Timeline } from './timeline.js';

// Few instants, so that rows touch, overlap and coincide; far apart, so that they are no small integers.
const UNIT = 1_000_000_007;
const instant = fc.integer({ min: -6, max: 24 }).map((i) => i * UNIT);
const span = fc
  .tuple(instant, instant)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => ({ startMs: Math.min(one, other), endMs: Math.max(one, other) }));
const NAMES = ['cores', 'memory', 'toString'];
const amounts = fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(fc.nat(4), fc.constant(10 ** 15)), {
  noNullPrototype: true,
});
const row = fc.record({ kind: fc.constantFrom<RowKind>('grant', 'booking', 'provisional'), span, amounts });
const rows = fc.array(row, { maxLength: 30 });

type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;

function timelineOf(all: readonly Row[]): Timeline {
  const timeline = new Timeline();
  for (const { kind, span, amounts } of all) timeline.add(kind, span.startMs, span.endMs, amounts);
  return timeline;
}

/** Pieces of which neighbours that are equal have become one. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    const same =
      last?.granted === piece.granted && last.booked === piece.booked && last.provisional === piece.provisional;
    if (same) found[found.length - 1] = { ...last, endMs: piece.endMs };
    else found.push(piece);
  }
  return found;
}

function everything(timeline: Timeline): unknown {
  return timeline.names().map((name) => [name, timeline.pieces(name, -10 * UNIT, 30 * UNIT)]);
}

test('the timeline answers as the sweep does', (t) => {
  const question = fc.record({ span, name: fc.constantFrom(...NAMES, 'disc'), level: fc.integer({ min: -5, max: 9 }) });
  const property = fc.property(rows, fc.array(question, { minLength: 1, maxLength: 8 }), (all, questions) => {
    const timeline = timelineOf(all);
    const sweep = new Sweep();
    for (const { kind, span, amounts } of all) sweep.add(kind, span.startMs, span.endMs, amounts);
    for (const { span, name, level } of questions) {
      const { startMs, endMs } = span;
      t.is(timeline.at(name, startMs), sweep.at(name, startMs));
      t.is(timeline.worst(name, startMs, endMs), sweep.worst(name, startMs, endMs));
      t.is(timeline.best(name, startMs, endMs), sweep.best(name, startMs, endMs));
      t.is(timeline.firstBelow(name, startMs, endMs, level), sweep.firstBelow(name, startMs, endMs, level));
      t.is(timeline.firstAtLeast(name, startMs, endMs, level), sweep.firstAtLeast(name, startMs, endMs, level));
      t.deepEqual(timeline.shortages(name, startMs, endMs, level), sweep.shortages(name, startMs, endMs, level));
      t.deepEqual(joined(timeline.pieces(name, startMs, endMs)), joined(sweep.pieces(name, startMs, endMs)));
    }
  });
  checkSeeded(t, 300, property);
});

test('the first shortage and the first fit are those of the sweep', (t) => {
  const question = fc.record({ span, need: amounts, duration: fc.integer({ min: 1, max: 6 * UNIT }) });
  const property = fc.property(rows, fc.array(question, { minLength: 1, maxLength: 8 }), (all, questions) => {
    const timeline = timelineOf(all);
    const sweep = new Sweep();
    for (const { kind, span, amounts } of all) sweep.add(kind, span.startMs, span.endMs, amounts);
    for (const { span, need, duration } of questions) {
      const { startMs, endMs } = span;
      t.deepEqual(timeline.firstShortage(startMs, endMs, need), sweep.firstShortage(startMs, endMs, need));
      t.is(timeline.firstFit(startMs, endMs, duration, need), sweep.firstFit(startMs, endMs, duration, need));
    }
  });
  checkSeeded(t, 300, property);
});

test('the order in which rows are added changes nothing', (t) => {
  const property = fc.property(rows, fc.infiniteStream(fc.nat()), (all, chance) => {
    const shuffled = all
      .map((one) => ({ one, place: chance.next().value as number }))
      .sort((one, other) => one.place - other.place)
      .map(({ one }) => one);
    t.deepEqual(everything(timelineOf(shuffled)), everything(timelineOf(all)));
  });
  checkSeeded(t, 100, property);
});

test('cutting a row at any instant changes nothing', (t) => {
  const property = fc.property(rows, instant, (all, atMs) => {
    const cut = all.flatMap((one) => {
      const { startMs, endMs } = one.span;
      if (atMs <= startMs || atMs >= endMs) return [one];
      return [
        { ...one, span: { startMs, endMs: atMs } },
        { ...one, span: { startMs: atMs, endMs } },
      ];
    });
    t.deepEqual(everything(timelineOf(cut)), everything(timelineOf(all)));
  });
  checkSeeded(t, 100, property);
});

test('taking back what was added restores all, in any order', (t) => {
  const property = fc.property(rows, rows, fc.boolean(), (kept, passing, backwards) => {
    const timeline = timelineOf(kept);
    for (const { kind, span, amounts } of passing) timeline.add(kind, span.startMs, span.endMs, amounts);
    for (const { kind, span, amounts } of backwards ? passing.toReversed() : passing) {
      timeline.add(kind, span.startMs, span.endMs, amounts, -1);
    }
    t.deepEqual(everything(timeline), everything(timelineOf(kept)));
  });
  checkSeeded(t, 100, property);
});

test('many rows: all answers are those of a plain array, and taking them back leaves nothing', (t) => {
  const most = 400;
  const property = fc.property(
    fc.array(fc.tuple(fc.nat(most), fc.nat(most), fc.nat(9)), { minLength: 200, maxLength: 600 }),
    (all) => {
      const timeline = new Timeline();
      const left = new Array<number>(most + 1).fill(0);
      const spans = all.map(([one, other, value]) => ({
        startMs: Math.min(one, other),
        endMs: Math.max(one, other),
        value,
      }));
      for (const { startMs, endMs, value } of spans) {
        timeline.shift('grant', 'cores', startMs, endMs, value);
        for (let i = startMs; i < endMs; i++) left[i] = (left[i] ?? 0) + value;
      }
      checkAgainstArray(t, timeline, left, spans.slice(0, 40));
      for (const { startMs, endMs, value } of spans) timeline.shift('grant', 'cores', startMs, endMs, -value);
      t.deepEqual(timeline.names(), []);
    },
  );
  checkSeeded(t, 5, property);
});

function checkAgainstArray(
  t: ExecutionContext,
  timeline: Timeline,
  left: readonly number[],
  spans: readonly { readonly startMs: number; readonly endMs: number }[],
): void {
  for (const { startMs, endMs } of spans.filter((one) => one.startMs < one.endMs)) {
    const within = left.slice(startMs, endMs);
    const middle = within[Math.floor(within.length / 2)] ?? 0;
    t.is(timeline.worst('cores', startMs, endMs), Math.min(...within));
    t.is(timeline.best('cores', startMs, endMs), Math.max(...within));
    const below = within.findIndex((value) => value < middle);
    t.is(timeline.firstBelow('cores', startMs, endMs, middle), below < 0 ? undefined : startMs + below);
    const enough = within.findIndex((value) => value > middle);
    t.is(timeline.firstAtLeast('cores', startMs, endMs, middle + 1), enough < 0 ? undefined : startMs + enough);
  }
}
