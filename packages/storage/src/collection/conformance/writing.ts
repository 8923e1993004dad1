import type { Suite, Thing } from './subject.js';
import { insertAll, numbered } from './subject.js';

/** What single writes answer, and what is there afterwards. */
export function testWriting({ test, fresh, running }: Suite): void {
  test('a document comes back as it was written', async (t) => {
    const things = await fresh();
    const value: Thing = {
      id: 'ä/…\u{1f600}',
      owner: '',
      time: 1.5,
      live: false,
      tags: [],
      labels: { 'berth.dev/x': 'y', $dollar: '1', 'a.b': '2' },
      list: [1, 'two', { three: [3, null] }],
      nothing: null,
      large: Date.UTC(2026, 0, 1) * 1_000,
    };
    const [result] = await things.insert([value]);
    const found = await things.get(value.id);
    t.deepEqual(found?.value, value);
    t.is(result?.outcome, 'inserted');
    t.true(result?.outcome === 'inserted' && result.revision === found?.revision);
    t.is(await things.get('another'), undefined);
  });

  test('many are read in the order of their ids as asked for', async (t) => {
    const things = await fresh();
    const all = numbered(2_500);
    await insertAll(things, all);
    const wanted = all.map(({ id }) => id).reverse();
    const found = await things.getMany(['none', ...wanted, 'neither']);
    t.deepEqual(
      found.map(({ value }) => value.id),
      wanted,
    );
    t.deepEqual(await things.getMany([]), []);
  });

  test('a replace is done at the expected revision only', async (t) => {
    const things = await fresh();
    await insertAll(things, [{ id: 'a', count: 0 }]);
    const first = await things.get('a');
    const revision = first?.revision ?? '';
    const replaced = await things.replace({ id: 'a', count: 1 }, revision);
    t.is(replaced.outcome, 'replaced');
    t.deepEqual(await things.replace({ id: 'a', count: 2 }, revision), { outcome: 'stale' });
    t.deepEqual(await things.replace({ id: 'b' }, revision), { outcome: 'gone' });
    const second = await things.get('a');
    t.deepEqual(second?.value, { id: 'a', count: 1 });
    t.true(replaced.outcome === 'replaced' && replaced.revision === second?.revision);
    t.not(second?.revision, revision);
  });

  test('a remove is done at the expected revision, and a revision never comes back', async (t) => {
    const things = await fresh();
    const [first] = await things.insert([{ id: 'a' }]);
    const revision = first?.outcome === 'inserted' ? first.revision : '';
    t.is(await things.remove('a', 'another'), 'stale');
    t.is(await things.remove('a', revision), 'removed');
    t.is(await things.remove('a', revision), 'gone');
    t.is(await things.remove('a'), 'gone');
    await insertAll(things, [{ id: 'a' }]);
    t.deepEqual(await things.replace({ id: 'a', count: 1 }, revision), { outcome: 'stale' });
    t.is(await things.remove('a'), 'removed');
    t.is(await things.get('a'), undefined);
  });

  test('many replaces answer each for itself, in order', async (t) => {
    const things = await fresh();
    await insertAll(
      things,
      numbered(60, (index) => ({ host: `host-${String(index)}` })),
    );
    const found = await things.getMany(numbered(60).map(({ id }) => id));
    const results = await things.replaceMany([
      ...found.map(({ value, revision }, index) => ({
        document: { ...value, ...(index === 7 ? { host: 'host-8' } : { count: 1 }) },
        expected: index % 10 === 0 ? 'stale' : revision,
      })),
      { document: { id: 'none' }, expected: 'x' },
    ]);
    t.deepEqual(
      results.map(({ outcome }) => outcome),
      [...found.map((_, index) => (index === 7 ? 'duplicate' : index % 10 === 0 ? 'stale' : 'replaced')), 'gone'],
    );
    const after = await things.getMany(found.map(({ value }) => value.id));
    t.is(after.filter(({ value }) => value.count === 1).length, 53);
  });

  test('a document that another engine would refuse is refused: two lists in one index', async (t) => {
    const { store } = running();
    const things = await store.collection<Thing & { a?: unknown; b?: unknown }>({
      name: 'two_lists',
      indexes: [{ name: 'both', fields: ['a', 'b'] }],
    });
    await t.throwsAsync(things.insert([{ id: 'x', a: ['1'], b: ['2'] }]));
    t.is(await things.count(), 0);
  });

  test('a collection that is open is the same object, and keeps its indexes', async (t) => {
    const { store } = running();
    const spec = { name: 'opened', indexes: [{ name: 'a', fields: ['a'] }] };
    const [one, two] = await Promise.all([store.collection(spec), store.collection(structuredClone(spec))]);
    t.is(one, two);
    await t.throwsAsync(store.collection({ ...spec, indexes: [] }), { instanceOf: TypeError });
    await t.throwsAsync(store.collection({ name: 'a/b', indexes: [] }), { instanceOf: TypeError });
  });
}
