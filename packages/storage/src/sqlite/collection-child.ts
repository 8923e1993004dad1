import { systemClock } from '@berth/kernel';
import type { Thing } from '../collection/conformance/subject.js';
import { thingSpec } from '../collection/conformance/subject.js';
import { openSqliteCollectionStore } from './sqlite-collection-store.js';

// A child process of sqlite-collection-disk.test.ts: inserts into the data directory named by its argument for ever, and
// tells `ok <host>` for each write, `failed <reason>` for one that fails; also when a read fails.
process.on('SIGXFSZ', () => undefined);
const clock = systemClock();
const store = await openSqliteCollectionStore({ dir: process.argv[2] ?? '' });
const things = await store.collection<Thing>(thingSpec('things'));
for (let index = 0; ; index += 1) {
  const host = `host-${String(index)}`;
  try {
    const [result] = await things.insert([
      { id: `thing-${String(index)}`, host, tags: ['a', 'b'], filling: 'x'.repeat(500) },
    ]);
    process.send?.(result?.outcome === 'inserted' ? `ok ${host}` : `failed ${String(result?.outcome)}`);
  } catch (error) {
    process.send?.(`failed ${(error as { reason?: string }).reason ?? String(error)}`);
  }
  if ((await things.find({ limit: 1 })).documents.length === 0) process.send?.('failed to read');
  await new Promise<void>((resolve) => {
    clock.after(1, resolve);
  });
}
