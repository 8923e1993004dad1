import type { Where } from '../collection.js';
import type { Suite, Thing } from './subject.js';
import { ids, insertAll, numbered, pages, sameMembers } from './subject.js';

const THINGS: readonly Thing[] = [
  { id: 'a', owner: 'ann', kind: 'vm', time: 1, live: true, tags: ['x', 'y'], host: 'h.one' },
  { id: 'b', owner: 'ann', kind: 'vm', time: 2, live: false, tags: ['y'], host: 'h.two' },
  { id: 'c', owner: 'ann', kind: 'volume', time: 3, live: true, tags: [], host: 'i' },
  { id: 'd', owner: 'bob', kind: 'volume', time: 2, place: { rack: 'r1', slot: 1 }, host: 'h' },
  { id: 'e', owner: 'bob', kind: 'vm\u{1f600}', place: { rack: 'r1', slot: 2 }, host: 'h/' },
  { id: 'f', time: -5, live: true, tags: ['x'], place: { rack: 'r2', slot: 1 } },
];

const CASES: readonly (readonly [Where, string])[] = [
  [{}, 'abcdef'],
  [{ owner: 'ann' }, 'abc'],
  [{ owner: 'ann', kind: 'vm' }, 'ab'],
  [{ owner: 'none' }, ''],
  [{ owner: { in: ['bob', 'ann'] }, live: true }, 'ac'],
  [{ owner: { in: [] } }, ''],
  [{ owner: 'ann', time: { from: 2 } }, 'bc'],
  [{ time: { after: 1, upTo: 3 } }, 'bcd'],
  [{ time: { from: 1, until: 3 } }, 'abd'],
  [{ time: { until: 1 } }, 'f'],
  [{ time: {} }, 'abcdf'],
  [{ live: true }, 'acf'],
  [{ live: false }, 'b'],
  [{ live: true, time: { upTo: 1 } }, 'af'],
  [{ host: { prefix: 'h.' } }, 'ab'],
  [{ host: { prefix: 'h' } }, 'abde'],
  [{ host: { prefix: '' } }, 'abcde'],
  [{ kind: { prefix: 'vm' } }, 'abe'],
  [{ kind: { after: 'vm', until: 'vn' } }, 'e'],
  [{ kind: { after: 'vm' } }, 'cde'],
  [{ tags: 'x' }, 'af'],
  [{ tags: 'y', owner: 'ann' }, 'ab'],
  [{ tags: { in: ['x', 'y'] } }, 'abf'],
  [{ tags: 'y', time: { from: 2 } }, 'b'],
  [{ 'place.rack': 'r1' }, 'de'],
  [{ 'place.rack': 'r1', 'place.slot': { after: 1 } }, 'e'],
  [{ id: { in: ['a', 'f', 'z'] } }, 'af'],
  [{ id: { from: 'b', until: 'd' } }, 'bc'],
  [{ id: 'c', owner: 'ann' }, 'c'],
];

/** What queries find, and in which order. */
export function testQuerying({ test, fresh }: Suite): void {
  test('conditions find what meets them, and count it', async (t) => {
    const things = await fresh();
    await insertAll(things, THINGS);
    for (const [where, expected] of CASES) {
      const found = await things.find({ where, limit: 100 });
      t.is(ids(found).join(''), expected, JSON.stringify(where));
      t.is(found.next, undefined);
      t.is(await things.count(where), expected.length, JSON.stringify(where));
    }
  });

  test('an order has ties by id, and documents without the field come first', async (t) => {
    const things = await fresh();
    await insertAll(things, THINGS);
    const order = async (query: object, limit: number): Promise<string> =>
      (await pages(things, { ...query, limit })).map(({ id }) => id).join('');
    for (const limit of [1, 2, 4, 10]) {
      t.is(await order({ orderBy: { field: 'time' } }, limit), 'efabdc');
      t.is(await order({ orderBy: { field: 'time', descending: true } }, limit), 'cdbafe');
      t.is(await order({ orderBy: { field: 'host' } }, limit), 'fdabec');
      t.is(await order({ orderBy: { field: 'host', descending: true } }, limit), 'cebadf');
      t.is(await order({ orderBy: { field: 'time' }, where: { owner: 'bob' } }, limit), 'ed');
      t.is(await order({ orderBy: { field: 'time', descending: true }, where: { tags: 'x' } }, limit), 'af');
      t.is(await order({ orderBy: { field: 'time' }, where: { time: { from: 1, until: 3 } } }, limit), 'abd');
      t.is(await order({ orderBy: { field: 'owner' }, where: { owner: { in: ['ann', 'bob'] } } }, limit), 'abcde');
      t.is(await order({ orderBy: { field: 'kind', descending: true }, where: { kind: 'vm' } }, limit), 'ba');
      t.is(await order({ orderBy: { field: 'place.slot' }, where: { 'place.rack': 'r1' } }, limit), 'de');
      t.is(await order({ orderBy: { field: 'id', descending: true } }, limit), 'fedcba');
    }
  });

  test('texts are ordered by code point', async (t) => {
    const things = await fresh();
    const kinds = ['B', 'a', 'b', 'ä', '\uffee', '\u{1f600}'];
    await insertAll(things, kinds.map((kind, index) => ({ id: `i${String(index)}`, kind })).reverse());
    const found = await pages(things, { orderBy: { field: 'kind' }, where: { kind: { prefix: '' } }, limit: 2 });
    t.deepEqual(
      found.map(({ kind }) => kind),
      kinds,
    );
  });

  test('a change moves a document in every index', async (t) => {
    const things = await fresh();
    await insertAll(things, THINGS);
    const a = await things.get('a');
    await things.replace({ id: 'a', owner: 'bob', tags: ['z', 'y'], time: 9 }, a?.revision ?? '');
    t.is(await things.count({ owner: 'ann' }), 2);
    t.is(await things.count({ tags: 'x' }), 1);
    t.is(await things.count({ tags: 'z' }), 1);
    t.is(await things.count({ live: true }), 2);
    t.is(await things.count({ host: 'h.one' }), 0);
    t.is(await things.remove('a'), 'removed');
    t.is(await things.count({ tags: { in: ['z', 'y'] } }), 1);
    t.is(await things.count({ owner: 'bob' }), 2);
  });

  test('a page stays right while documents come and go', async (t) => {
    const things = await fresh();
    const staying = numbered(300, (index) => ({
      time: index % 7,
      owner: 'ann',
      ...(index % 5 === 0 ? {} : { tags: ['x'] }),
    }));
    await insertAll(things, staying);
    await insertAll(
      things,
      numbered(100, (index) => ({ time: index % 7, owner: 'ann' })).map((thing) => ({
        ...thing,
        id: `${thing.id}-going`,
      })),
    );
    let round = 0;
    const churn = async (): Promise<void> => {
      round += 1;
      const coming = numbered(10, (index) => ({ time: index, owner: 'ann' }));
      await insertAll(
        things,
        coming.map((thing) => ({ ...thing, id: `${thing.id}-${String(round)}-coming` })),
      );
      const gone = numbered(100).slice(round * 3, round * 3 + 3);
      await Promise.all(gone.map(({ id }) => things.remove(`${id}-going`)));
    };
    const queries = [
      { orderBy: { field: 'time' } },
      { orderBy: { field: 'time', descending: true }, where: { owner: 'ann' } },
      {},
    ];
    for (const query of queries) {
      const seen = (await pages(things, { ...query, limit: 17 }, churn)).map(({ id }) => id);
      t.is(new Set(seen).size, seen.length, 'none twice');
      const stayed = new Set(staying.map(({ id }) => id));
      sameMembers(
        t,
        seen.filter((id) => stayed.has(id)),
        [...stayed],
      );
    }
  });

  test('a query that no index serves is refused', async (t) => {
    const things = await fresh();
    const refused = { instanceOf: TypeError };
    await t.throwsAsync(things.find({ where: { count: 1 }, limit: 1 }), refused);
    await t.throwsAsync(things.find({ orderBy: { field: 'count' }, limit: 1 }), refused);
    await t.throwsAsync(things.find({ where: { time: { from: 1 }, host: { prefix: 'a' } }, limit: 1 }), refused);
    await t.throwsAsync(things.find({ limit: 0 }), refused);
    await t.throwsAsync(things.find({ limit: 10_001 }), refused);
    await t.throwsAsync(things.count({ count: 1 }), refused);
  });
}
