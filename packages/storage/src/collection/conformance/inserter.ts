import { systemClock } from '@berth/kernel';
import { openMongoCollectionStore } from '../../mongo/mongo-collection-store.js';
import { openSqliteCollectionStore } from '../../sqlite/sqlite-collection-store.js';
import type { Thing } from './subject.js';
import { thingSpec } from './subject.js';

// A child process of the durability tests: inserts batches for ever into the collection `killed` of the store named by its
// arguments, then replaces the first of each batch, and writes what is acknowledged to its standard output: `i <id>` or `r <id>`.
const [engine, target = ''] = process.argv.slice(2);
const clock = systemClock();
const store = await (engine === 'mongo'
  ? openMongoCollectionStore({ url: target, database: 'killed', clock, answerWithinMs: 60_000 })
  : openSqliteCollectionStore({ dir: target, database: 'killed', clock }));
const things = await store.collection<Thing>(thingSpec('killed'));
for (let batch = 0; ; batch += 1) {
  const documents = Array.from({ length: 20 }, (_, index): Thing => {
    const id = `${String(batch)}-${String(index)}`;
    return { id, host: id, owner: 'child', time: batch, tags: ['x', 'y'], filling: 'x'.repeat(500) };
  });
  const results = await things.insert(documents);
  const lines = documents.map(({ id }) => `i ${id}\n`);
  const [first] = results;
  if (first?.outcome !== 'inserted') throw new Error(JSON.stringify(first));
  process.stdout.write(lines.join(''));
  const replaced = await things.replace({ ...documents[0], id: `${String(batch)}-0`, count: 1 }, first.revision);
  if (replaced.outcome !== 'replaced') throw new Error(JSON.stringify(replaced));
  process.stdout.write(`r ${String(batch)}-0\n`);
}
