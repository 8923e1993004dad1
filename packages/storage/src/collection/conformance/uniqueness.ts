import type { Suite } from './subject.js';
import { insertAll } from './subject.js';

/** Unique indexes: against what is stored, inside one batch, and for documents that lack a field. */
export function testUniqueness({ test, fresh, running }: Suite): void {
  test('a duplicate names its index and the document that is there; the others of the batch are written', async (t) => {
    const things = await fresh();
    await insertAll(things, [
      { id: 'a', host: 'one' },
      { id: 'b', place: { rack: 'r', slot: 1 } },
    ]);
    const results = await things.insert([
      { id: 'c', host: 'one' },
      { id: 'd', host: 'two' },
      { id: 'e', place: { rack: 'r', slot: 1 } },
      { id: 'f', place: { rack: 'r', slot: 2 } },
      { id: 'a', host: 'three' },
    ]);
    t.deepEqual(
      results.map((result) => (result.outcome === 'inserted' ? 'inserted' : [result.index, result.existing])),
      [['host', 'a'], 'inserted', ['place', 'b'], 'inserted', ['id', 'a']],
    );
    t.is(await things.count(), 4);
    t.is((await things.get('a'))?.value.host, 'one');
  });

  test('of equal documents in one batch one is written', async (t) => {
    const things = await fresh();
    const results = await things.insert([
      { id: 'a', host: 'one' },
      { id: 'b', host: 'one' },
      { id: 'c', host: 'one' },
      { id: 'd', host: 'two' },
      { id: 'd', host: 'three' },
    ]);
    t.is(results.filter(({ outcome }) => outcome === 'inserted').length, 2);
    t.is(await things.count({ host: 'one' }), 1);
    t.is(await things.count({ host: { in: ['two', 'three'] } }), 1);
  });

  test('a batch that comes again adds nothing', async (t) => {
    const things = await fresh();
    const batch = Array.from({ length: 1_200 }, (_, index) => ({ id: `i${String(index)}`, host: `h${String(index)}` }));
    await insertAll(things, batch);
    const again = await things.insert(batch);
    t.deepEqual(
      again.map((result) => result.outcome === 'duplicate' && result.existing),
      batch.map(({ id }) => id),
    );
    t.is(await things.count(), batch.length);
  });

  test('documents that lack a field of a unique index never collide', async (t) => {
    const things = await fresh();
    await insertAll(things, [{ id: 'a' }, { id: 'b' }, { id: 'c', place: { rack: 'r', slot: 0 } }]);
    await insertAll(things, [{ id: 'd', host: 'one' }]);
    const b = await things.get('b');
    const taken = await things.replace({ id: 'b', host: 'one' }, b?.revision ?? '');
    t.deepEqual(taken, { outcome: 'duplicate', index: 'host', existing: 'd' });
    t.deepEqual(await things.get('b'), b);
    t.is((await things.replace({ id: 'b', host: 'two' }, b?.revision ?? '')).outcome, 'replaced');
    const two = await things.get('b');
    t.is((await things.replace({ id: 'b' }, two?.revision ?? '')).outcome, 'replaced');
    await insertAll(things, [{ id: 'e', host: 'two' }]);
    t.is(await things.count(), 5);
  });

  test('a value that is free again can be taken', async (t) => {
    const things = await fresh();
    await insertAll(things, [{ id: 'a', host: 'one' }]);
    t.is(await things.remove('a'), 'removed');
    await insertAll(things, [{ id: 'b', host: 'one' }]);
    t.is(await things.count({ host: 'one' }), 1);
  });

  test('of sixteen that insert the same value at once one succeeds', async (t) => {
    const things = await fresh();
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, index) => things.insert([{ id: `i${String(index)}`, host: 'one' }])),
    );
    const flat = results.flat();
    t.is(flat.filter(({ outcome }) => outcome === 'inserted').length, 1);
    const [winner] = (await things.find({ where: { host: 'one' }, limit: 2 })).documents;
    for (const result of flat) if (result.outcome === 'duplicate') t.is(result.existing, winner?.value.id);
  });

  test('each element of a list is unique, except inside its document', async (t) => {
    const things = await running().store.collection<{ id: string; keys?: string[] }>({
      name: 'unique_lists',
      indexes: [{ name: 'keys', fields: ['keys'], unique: true }],
    });
    const results = await things.insert([
      { id: 'a', keys: ['x', 'y', 'x'] },
      { id: 'b', keys: [] },
      { id: 'c', keys: [] },
      { id: 'd' },
    ]);
    t.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(['inserted']));
    t.deepEqual(await things.insert([{ id: 'e', keys: ['z', 'y'] }]), [
      { outcome: 'duplicate', index: 'keys', existing: 'a' },
    ]);
    const b = await things.get('b');
    t.deepEqual(await things.replace({ id: 'b', keys: ['x'] }, b?.revision ?? ''), {
      outcome: 'duplicate',
      index: 'keys',
      existing: 'a',
    });
  });
}
