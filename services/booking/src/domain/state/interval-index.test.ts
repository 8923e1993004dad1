import test from 'ava';
import fc from 'fast-check';
import { checkSeeded } from '@berth/testkit/seeded';
import { FOREVER_MS } from '../model/cluster.js';
import type { Interval } from '../time/interval.js';
import { overlap } from '../time/interval.js';
import { IntervalIndex } from './interval-index.js';

const instant = fc.oneof(
  fc.integer({ min: -100, max: 100 }),
  fc.integer({ min: -1e13, max: 1e13 }),
  fc.constant(FOREVER_MS),
);
const interval: fc.Arbitrary<Interval> = fc
  .tuple(instant, instant)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => ({ startMs: Math.min(one, other), endMs: Math.max(one, other) }));

test('exactly the intervals that overlap are found, also after some were taken out', (t) => {
  const run = fc.property(fc.array(fc.tuple(interval, fc.boolean())), interval, (all, query) => {
    const index = new IntervalIndex();
    for (const [at, [one]] of all.entries()) index.add(String(at), one);
    for (const [at, [one, gone]] of all.entries()) if (gone) index.remove(String(at), one);
    const found = [...index.overlapping(query)].sort();
    const expected = all.flatMap(([one, gone], at) => (!gone && overlap(one, query) ? String(at) : [])).sort();
    t.deepEqual(found, expected);
  });
  checkSeeded(t, 1000, run);
});
