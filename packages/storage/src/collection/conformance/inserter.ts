import { openMongoCollectionStore } from '../../mongo/mongo-collection-store.js';
import { openSqliteCollectionStore } from '../../sqlite/sqlite-collection-store.js';
import type { Write } from '../collection.js';
import type { Thing } from './subject.js';
import { thingSpec } from './subject.js';

// A child process of the durability tests: for ever, on the store named by its arguments, inserts a batch into the collection
// `killed`, replaces its first document, and writes 50 documents into each of `left` and `right` at once. Writes what is
// acknowledged to its standard output: `i <id>`, `r <id>`, `w <batch>`.
const [engine, target = ''] = process.argv.slice(2);
const store = await (engine === 'mongo'
  ? openMongoCollectionStore({ url: target, database: 'killed', answerWithinMs: 60_000, selectWithinMs: 30_000 })
  : openSqliteCollectionStore({ dir: target, database: 'killed' }));
const things = await store.collection<Thing>(thingSpec('killed'));
for (const name of ['left', 'right']) await store.collection<Thing>(thingSpec(name));
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
  const together = Array.from({ length: 100 }, (_, index): Write<Thing> => ({
    collection: index < 50 ? 'left' : 'right',
    insert: { id: `${String(batch)}-${String(index)}`, time: batch, tags: ['x'] },
  }));
  const { outcome } = await store.writeAll(together);
  if (outcome !== 'written') throw new Error(outcome);
  process.stdout.write(`w ${String(batch)}\n`);
}
