import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { openSqliteCollectionStore } from './sqlite-collection-store.js';
import { openSqliteEventLogStore } from './sqlite-event-log-store.js';

const clock = fakeClock();

test('stores of one process share a data directory, each with its own file', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
  const dir = join(parent, 'data');
  const alias = join(parent, 'alias');
  symlinkSync(dir, alias);
  const log = await openSqliteEventLogStore({ dir, clock });
  const documents = await openSqliteCollectionStore({ dir });
  const others = await openSqliteCollectionStore({ dir: alias, database: 'others' });
  await (await documents.collection({ name: 'a', indexes: [] })).insert([{ id: 'x' }]);
  t.is(await (await others.collection({ name: 'a', indexes: [] })).count(), 0);

  for (const again of [openSqliteEventLogStore({ dir: alias, clock }), openSqliteCollectionStore({ dir: alias })]) {
    const error = await t.throwsAsync(again, { instanceOf: BerthError });
    t.is(error.reason, 'DATA_DIR_LOCKED');
    t.regex(error.message, /in use by this process/);
  }
  await log.close();
  await others.close();
  t.true(existsSync(join(dir, 'berth.pid')), 'still held for the documents');
  await documents.close();
  t.false(existsSync(join(dir, 'berth.pid')));
  await (await openSqliteCollectionStore({ dir })).close();
  rmSync(parent, { recursive: true });
});
