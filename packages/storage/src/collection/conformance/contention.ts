import { increment } from './increment.js';
import type { Suite } from './subject.js';
import { insertAll } from './subject.js';

const WRITERS = 32;
const EACH = 10;

/** One document and many writers. */
export function testContention({ test, fresh }: Suite): void {
  test('no write of 32 writers on one document is lost', async (t) => {
    const things = await fresh();
    await insertAll(things, [{ id: 'a', count: 0 }]);
    async function writer(): Promise<void> {
      for (let done = 0; done < EACH; done += 1) await increment(things, 'a');
    }
    await Promise.all(Array.from({ length: WRITERS }, writer));
    t.is((await things.get('a'))?.value.count, WRITERS * EACH);
  });

  test('of writers with the same revision exactly one succeeds', async (t) => {
    const things = await fresh();
    const [inserted] = await things.insert([{ id: 'a' }]);
    const revision = inserted?.outcome === 'inserted' ? inserted.revision : '';
    const results = await Promise.all(
      Array.from({ length: WRITERS }, (_, count) => things.replace({ id: 'a', count }, revision)),
    );
    const winners = results.flatMap(({ outcome }, index) => (outcome === 'replaced' ? [index] : []));
    t.is(winners.length, 1);
    t.is(results.filter(({ outcome }) => outcome === 'stale').length, WRITERS - 1);
    t.is((await things.get('a'))?.value.count, winners[0]);
  });
}
