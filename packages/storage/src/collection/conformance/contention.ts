import { changeDocument } from '../change-document.js';
import type { Suite } from './subject.js';
import { insertAll } from './subject.js';

const WRITERS = 32;
const EACH = 10;

/** One document and many writers. */
export function testContention({ test, fresh, running }: Suite): void {
  test('no write of 32 writers on one document is lost', async (t) => {
    const things = await fresh();
    await insertAll(things, [{ id: 'a', count: 0 }]);
    async function writer(): Promise<void> {
      for (let done = 0; done < EACH; done += 1) {
        const changed = await changeDocument(things, 'a', (value) => ({ ...value, count: (value.count ?? 0) + 1 }));
        t.is(changed.outcome, 'changed');
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, writer));
    t.is((await things.get('a'))?.value.count, WRITERS * EACH);
  });

  test('of writers with the same revision exactly one succeeds', async (t) => {
    const things = await fresh();
    const [inserted] = await things.insert([{ id: 'a' }]);
    const revision = inserted?.outcome === 'inserted' ? inserted.revision : '';
    const before = running().store.conflicts;
    const results = await Promise.all(
      Array.from({ length: WRITERS }, (_, count) => things.replace({ id: 'a', count }, revision)),
    );
    const winners = results.flatMap(({ outcome }, index) => (outcome === 'replaced' ? [index] : []));
    t.is(winners.length, 1);
    t.is(results.filter(({ outcome }) => outcome === 'stale').length, WRITERS - 1);
    t.is((await things.get('a'))?.value.count, winners[0]);
    t.true(running().store.conflicts >= before + WRITERS - 1);
  });

  test('a change that leaves the document as it is writes nothing, and one on no document says so', async (t) => {
    const things = await fresh();
    await insertAll(things, [
      { id: 'a', host: 'one' },
      { id: 'b', host: 'two' },
    ]);
    const before = await things.get('a');
    t.deepEqual(await changeDocument(things, 'a', () => undefined), { outcome: 'unchanged', ...before });
    t.deepEqual(await changeDocument(things, 'c', (value) => value), { outcome: 'gone' });
    t.deepEqual(await changeDocument(things, 'a', (value) => ({ ...value, host: 'two' })), {
      outcome: 'duplicate',
      index: 'host',
      existing: 'b',
    });
    t.deepEqual(await things.get('a'), before);
  });
}
