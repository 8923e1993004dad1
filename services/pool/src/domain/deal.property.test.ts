import { checkSeeded } from '@berth/testkit/seeded';
import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { canMeetAll, naiveDeal } from '../../simulation/naive-deal.js';
import type { Coming, DealPool } from './deal.js';
import { deal } from './deal.js';
import type { Lack } from './supply.js';

const TAGS = ['x', 'y', 'd'];
const POOLS = ['a', 'b', 'c'];
const NOW = 1000;

const someTags = fc.subarray(TAGS);
function pool(name: string): fc.Arbitrary<DealPool> {
  return fc.record({
    name: fc.constant(name),
    onDemand: fc.constantFrom([], [], ['d']).map((tags) => new Set<string>(tags)),
    room: fc.integer({ min: 0, max: 3 }),
    notBeforeMs: fc.constantFrom(0, NOW, NOW + 5, NOW + 9),
    startDelayMs: fc.constantFrom(0, 0, 50),
    maxPrealloc: fc.integer({ min: 0, max: 3 }),
    ready: fc.integer({ min: 0, max: 2 }),
  });
}
const thing: fc.Arbitrary<Omit<Coming, 'number'>> = fc.record(
  {
    pool: fc.constantFrom(...POOLS),
    tags: someTags.map((tags) => new Set(tags)),
    sandbox: fc.constantFrom('s1', 's2'),
    isNew: fc.boolean(),
  },
  { requiredKeys: ['pool', 'tags', 'isNew'] },
);
const lack: fc.Arbitrary<Lack> = fc.record({
  attributes: someTags,
  affinity: fc.constantFrom('', 's1', 's2'),
  count: fc.integer({ min: 1, max: 3 }),
  offers: fc
    .subarray(POOLS)
    .chain((names) =>
      fc.tuple(...names.map((name) => fc.record({ pool: fc.constant(name), weight: fc.integer({ min: -1, max: 1 }) }))),
    ),
});

test('demand is dealt to pools as the naive model says', (t) => {
  const situation = fc.record({
    pools: fc.subarray(POOLS, { minLength: 1 }).chain((names) => fc.tuple(...names.map(pool))),
    things: fc.array(thing, { maxLength: 5 }),
    lacks: fc.array(lack, { maxLength: 4 }),
  });
  checkSeeded(
    t,
    2000,
    fc.property(situation, ({ pools, things, lacks }) => {
      const coming = things.map((one, number) => ({ number, ...one }));
      const { starts, againMs, paired } = deal(pools, coming, lacks, NOW);
      const naive = naiveDeal(pools, coming, lacks, NOW, paired);
      assert.deepEqual({ starts, againMs }, { starts: naive.starts, againMs: naive.againMs });
      const units = lacks.flatMap((one) => Array<Lack>(one.count).fill(one));
      const met = [...units];
      for (const one of naive.left) met.splice(met.indexOf(one), 1);
      assert.equal(paired.size, met.length);
      assert.ok(
        canMeetAll(
          met,
          coming.filter(({ number }) => paired.has(number)),
        ),
        'what is paired meets them',
      );
    }),
  );
});

test('a request for two makes two, and one that has left makes none', (t) => {
  const a: DealPool = {
    name: 'a',
    onDemand: new Set(['x']),
    room: 4,
    notBeforeMs: 0,
    startDelayMs: 0,
    maxPrealloc: 0,
    ready: 0,
  };
  const two: Lack = { attributes: ['x'], affinity: '', count: 2, offers: [{ pool: 'a', weight: 0 }] };
  t.deepEqual(deal([a], [], [two], NOW).starts, ['a', 'a']);
  const coming = [1, 2].map((number) => ({ number, pool: 'a', tags: new Set(['x']), isNew: true }));
  t.deepEqual(deal([a], coming, [two], NOW).starts, []);
  t.deepEqual(deal([a], coming, [], NOW).starts, []);
});
