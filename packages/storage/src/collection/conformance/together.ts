import type { Collection, CollectionStore, Stored, Write } from '../collection.js';
import type { Suite, Thing } from './subject.js';
import { insertAll, pages, sameMembers, thingSpec } from './subject.js';

const WRITERS = 32;
const EACH = 3;

interface Two {
  readonly store: CollectionStore;
  readonly left: Collection<Thing>;
  readonly right: Collection<Thing>;
  readonly toLeft: string;
  readonly toRight: string;
}

async function found(things: Collection<Thing>, id: string): Promise<Stored<Thing>> {
  const stored = await things.get(id);
  if (stored === undefined) throw new Error(`${id} is not there`);
  return stored;
}

/** Several writes at once, in two collections. One test after another: some want all connections, and all make collections. */
export function testTogether({ test, running }: Suite): void {
  let pairs = 0;

  async function two(left: readonly Thing[], right: readonly Thing[] = []): Promise<Two> {
    const { store } = running();
    pairs += 1;
    const names = [`left_${String(pairs)}`, `right_${String(pairs)}`] as const;
    const [one, other] = await Promise.all(names.map((name) => store.collection<Thing>(thingSpec(name))));
    if (one === undefined || other === undefined) throw new Error('no collections');
    await insertAll(one, left);
    await insertAll(other, right);
    return { store, left: one, right: other, toLeft: names[0], toRight: names[1] };
  }

  test.serial('several writes in two collections are all done', async (t) => {
    const { store, left, right, toLeft, toRight } = await two([{ id: 'a' }, { id: 'b' }], [{ id: 'c' }]);
    const [a, b, c] = [await found(left, 'a'), await found(left, 'b'), await found(right, 'c')];
    const done = await store.writeAll<Thing>([
      { collection: toLeft, replace: { id: 'a', count: 1, tags: ['x'] }, expected: a.revision },
      { collection: toRight, insert: { id: 'd', host: 'one', tags: ['x'] } },
      { collection: toLeft, remove: 'b', expected: b.revision },
      { collection: toRight, replace: { id: 'c', count: 2 }, expected: c.revision },
    ]);
    t.deepEqual(done, { outcome: 'written' });
    t.deepEqual(await pages(left, { limit: 10 }), [{ id: 'a', count: 1, tags: ['x'] }]);
    t.deepEqual(await pages(right, { limit: 10 }), [
      { id: 'c', count: 2 },
      { id: 'd', host: 'one', tags: ['x'] },
    ]);
    t.is(await left.count({ tags: 'x' }), 1);
    t.is(await right.count({ host: 'one' }), 1);
    const again = await found(left, 'a');
    t.not(again.revision, a.revision);
    t.is((await left.replace({ id: 'a' }, again.revision)).outcome, 'replaced');
    t.deepEqual(await store.writeAll<Thing>([]), { outcome: 'written' });
  });

  test.serial('when one of several writes is refused none is done, and the answer names it', async (t) => {
    const { store, left, right, toLeft, toRight } = await two(
      [
        { id: 'a', host: 'one', tags: ['x'] },
        { id: 'b', host: 'two' },
      ],
      [{ id: 'c' }],
    );
    const [a, b, c] = [await found(left, 'a'), await found(left, 'b'), await found(right, 'c')];
    const before = [await pages(left, { limit: 10 }), await pages(right, { limit: 10 })];
    const good: readonly Write<Thing>[] = [
      { collection: toLeft, insert: { id: 'new', host: 'new', tags: ['x'] } },
      { collection: toRight, replace: { id: 'c', count: 1, tags: ['x'] }, expected: c.revision },
      { collection: toLeft, remove: 'b', expected: b.revision },
    ];
    const cases: readonly (readonly [Write<Thing>, object])[] = [
      [{ collection: toLeft, replace: { id: 'a' }, expected: c.revision }, { outcome: 'stale' }],
      [{ collection: toLeft, remove: 'a', expected: c.revision }, { outcome: 'stale' }],
      [{ collection: toRight, replace: { id: 'a' }, expected: a.revision }, { outcome: 'gone' }],
      [{ collection: toRight, remove: 'a', expected: a.revision }, { outcome: 'gone' }],
      [
        { collection: toLeft, insert: { id: 'd', host: 'one' } },
        { outcome: 'duplicate', index: 'host', existing: 'a' },
      ],
      [
        { collection: toLeft, insert: { id: 'a', host: 'three' } },
        { outcome: 'duplicate', index: 'id', existing: 'a' },
      ],
      [
        { collection: toLeft, replace: { id: 'a', host: 'new' }, expected: a.revision },
        { outcome: 'duplicate', index: 'host', existing: undefined },
      ],
      [
        { collection: toLeft, insert: { id: 'new' } },
        { outcome: 'duplicate', index: 'id', existing: undefined },
      ],
      [{ collection: toLeft, remove: 'b', expected: b.revision }, { outcome: 'gone' }],
      [{ collection: toRight, replace: { id: 'c' }, expected: c.revision }, { outcome: 'stale' }],
    ];
    for (const [bad, why] of cases) {
      const last: Write<Thing> = { collection: toRight, insert: { id: 'last' } };
      t.deepEqual(
        await store.writeAll<Thing>([...good, bad, last]),
        { write: good.length, ...why },
        JSON.stringify(bad),
      );
      t.deepEqual([await pages(left, { limit: 10 }), await pages(right, { limit: 10 })], before);
      t.is(await left.count({ tags: 'x' }), 1);
      t.is(await right.count({ tags: 'x' }), 0);
    }
    t.deepEqual(await store.writeAll(good), { outcome: 'written' });
  });

  test.serial('a unique value that a write gives up can be taken by those after it, not by those before', async (t) => {
    const { store, left, toLeft } = await two([
      { id: 'a', host: 'one' },
      { id: 'b', place: { rack: 'r', slot: 1 } },
    ]);
    const [a, b] = [await found(left, 'a'), await found(left, 'b')];
    const giveUp: readonly Write<Thing>[] = [
      { collection: toLeft, replace: { id: 'a', host: 'two' }, expected: a.revision },
      { collection: toLeft, remove: 'b', expected: b.revision },
    ];
    const take: readonly Write<Thing>[] = [
      { collection: toLeft, insert: { id: 'c', host: 'one' } },
      { collection: toLeft, insert: { id: 'd', place: { rack: 'r', slot: 1 } } },
    ];
    const early = { write: 0, outcome: 'duplicate', index: 'host', existing: 'a' };
    t.deepEqual(await store.writeAll<Thing>([...take, ...giveUp]), early);
    t.deepEqual(await store.writeAll<Thing>([...giveUp, ...take]), { outcome: 'written' });
    const there = await pages(left, { limit: 10 });
    sameMembers(
      t,
      there.map(({ id, host }) => `${id} ${host ?? ''}`),
      ['a two', 'c one', 'd '],
    );
  });

  test.serial('each element of a list is unique among several writes too', async (t) => {
    const { store } = running();
    const name = 'unique_lists_together';
    const keys = await store.collection<{ id: string; keys?: string[] }>({
      name,
      indexes: [{ name: 'keys', fields: ['keys'], unique: true }],
    });
    const insert = (id: string, values: string[]): Write<Thing> => ({
      collection: name,
      insert: { id, keys: values },
    });
    t.deepEqual(await store.writeAll<Thing>([insert('a', ['x', 'y']), insert('b', ['z', 'y'])]), {
      write: 1,
      outcome: 'duplicate',
      index: 'keys',
      existing: undefined,
    });
    t.is(await keys.count(), 0);
    t.deepEqual(await store.writeAll<Thing>([insert('a', ['x', 'y']), insert('b', ['z'])]), { outcome: 'written' });
    t.deepEqual(await store.writeAll<Thing>([insert('c', ['v']), insert('d', ['w', 'z'])]), {
      write: 1,
      outcome: 'duplicate',
      index: 'keys',
      existing: 'b',
    });
    t.is(await keys.count({ keys: 'v' }), 0);
  });

  test.serial('thousands of writes are all done, or none', async (t) => {
    const { store, left, toLeft, toRight } = await two([{ id: 'i1499', host: 'h' }]);
    const writes = (collection: string): Write<Thing>[] =>
      Array.from({ length: 1_500 }, (_, index) => ({ collection, insert: { id: `i${String(index)}`, tags: ['x'] } }));
    const all = [...writes(toRight), ...writes(toLeft)];
    t.deepEqual(await store.writeAll(all), { write: 2_999, outcome: 'duplicate', index: 'id', existing: 'i1499' });
    t.is(await left.count(), 1);
    await left.remove('i1499');
    t.deepEqual(await store.writeAll(all), { outcome: 'written' });
    t.is(await left.count({ tags: 'x' }), 1_500);
  });

  test.serial('no write of 32 writers at once, each of several documents, is lost or done in part', async (t) => {
    const accounts = 8;
    const { store, left, toLeft, right, toRight } = await two(
      Array.from({ length: accounts }, (_, index) => ({ id: `a${String(index)}`, count: 100 })),
    );
    async function move(writer: number, turn: number): Promise<void> {
      for (;;) {
        const [from, to] = [(writer + turn) % accounts, (writer * 3 + turn + 1) % accounts];
        if (from === to) return;
        const one = await found(left, `a${String(from)}`);
        const other = await found(left, `a${String(to)}`);
        const moved = ({ value, revision }: Stored<Thing>, by: number): Write<Thing> => ({
          collection: toLeft,
          replace: { ...value, count: (value.count ?? 0) + by },
          expected: revision,
        });
        const entry = { id: `${String(writer)}/${String(turn)}`, owner: `a${String(from)}`, kind: `a${String(to)}` };
        const { outcome } = await store.writeAll<Thing>([
          { collection: toRight, insert: entry },
          moved(one, -1),
          moved(other, 1),
        ]);
        if (outcome === 'written') return;
        t.is(outcome, 'stale');
      }
    }
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let turn = 0; turn < EACH; turn += 1) await move(writer, turn);
      }),
    );
    const log = await pages(right, { limit: 1_000 });
    for (const { id, count } of await pages(left, { limit: 10 })) {
      const out = log.filter(({ owner }) => owner === id).length;
      t.is(count, 100 - out + log.filter(({ kind }) => kind === id).length);
    }
  });

  test.serial('several writes into a collection that is not open are refused', async (t) => {
    const { store, left, toLeft } = await two([]);
    const writes = [
      { collection: toLeft, insert: { id: 'a' } },
      { collection: 'nowhere', insert: { id: 'a' } },
    ];
    await t.throwsAsync(store.writeAll(writes), { instanceOf: TypeError });
    t.is(await left.count(), 0);
  });
}
