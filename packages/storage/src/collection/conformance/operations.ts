import fc from 'fast-check';
import type { Query, Where } from '../collection.js';
import type { Thing } from './subject.js';

/** One call of a random test. `stale`: at a revision that the document had before. */
export type Operation =
  | { readonly kind: 'insert'; readonly things: readonly Thing[] }
  | { readonly kind: 'replace'; readonly thing: Thing; readonly stale: boolean }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'several'; readonly writes: readonly WriteOperation[] }
  | { readonly kind: 'find'; readonly query: Query };

/** One write of several; of a remove only the id counts. */
export interface WriteOperation {
  readonly deed: 'insert' | 'replace' | 'remove';
  readonly thing: Thing;
  readonly stale: boolean;
}

// Few values, so that documents meet.
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
const owner = fc.constantFrom('ann', 'bob', 'ä', '\u{1f600}', '\uffee');
const kind = fc.constantFrom('', 'v', 'vm', 'vn', 'volume');
const time = fc.constantFrom(-1, 0, 1, 1.5, 2, 1e12);
const tag = fc.constantFrom('x', 'y', 'z');
const host = fc.constantFrom('h1', 'h2', 'h3', 'h4', 'h5', 'h6');
const place = fc.record({ rack: fc.constantFrom('r1', 'r2'), slot: fc.nat({ max: 2 }) }, { noNullPrototype: true });

const thing: fc.Arbitrary<Thing> = fc.record(
  { id, owner, kind, time, live: fc.boolean(), host, tags: fc.array(tag, { maxLength: 3 }), place },
  { requiredKeys: ['id'], noNullPrototype: true },
);

function range<V>(value: fc.Arbitrary<V>): fc.Arbitrary<Where[string]> {
  return fc.oneof(
    fc.record({ from: value, until: value }, { requiredKeys: [] }),
    fc.record({ after: value, upTo: value }, { requiredKeys: [] }),
  ) as fc.Arbitrary<Where[string]>;
}

function choice<V>(value: fc.Arbitrary<V>): fc.Arbitrary<Where[string]> {
  const some = fc.record({ in: fc.array(value, { maxLength: 3 }) });
  return fc.oneof(value, some) as fc.Arbitrary<Where[string]>;
}

const equal = {
  owner: choice(owner),
  kind: choice(kind),
  live: choice(fc.boolean()),
  tags: choice(tag),
  id: choice(id),
};

const where: fc.Arbitrary<Where> = fc
  .tuple(
    fc.record({ ...equal, 'place.rack': fc.constantFrom('r1', 'r2') }, { requiredKeys: [] }),
    fc.oneof(
      fc.constant({}),
      fc.record({ time: range(time) }),
      fc.record({ owner: range(owner) }),
      fc.record({ kind: fc.record({ prefix: fc.constantFrom('', 'v', 'vm', 'x') }) }),
      fc.record({ id: range(id) }),
    ),
  )
  .map(([equals, ranged]) => ({ ...equals, ...ranged }));

const find: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('find'),
  query: fc.record(
    {
      where,
      orderBy: fc.record({
        field: fc.constantFrom('id', 'time', 'owner', 'kind', 'host', 'place.slot', 'live'),
        descending: fc.boolean(),
      }),
      limit: fc.integer({ min: 1, max: 4 }),
    },
    { requiredKeys: ['limit'] },
  ),
});

const several: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('several'),
  writes: fc.array(
    fc.record({
      deed: fc.constantFrom('insert', 'replace', 'remove'),
      thing,
      stale: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    }),
    { maxLength: 4 },
  ),
});

/** Random sequences of operations: as many queries as writes. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert'), things: fc.array(thing, { maxLength: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('replace'), thing, stale: fc.boolean() }) },
    fc.record({ kind: fc.constant('remove'), id }),
    { weight: 3, arbitrary: several },
    { weight: 8, arbitrary: find },
  ),
  { maxLength: 40 },
);
