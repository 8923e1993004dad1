import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import { openSqliteCollectionStore } from './sqlite-collection-store.js';
import { openSqliteEventLogStore } from './sqlite-event-log-store.js';
import type { WalSync } from './wal-sync.js';

/** A commit of the log waits for the disk (FULL); for one of documents WalSync does (NORMAL). */
const SYNCHRONOUS = { log: 2, collections: 1 };

/** The connection that a store writes through; `synchronous` is a setting of the connection, not of the file. */
function connectionOf(store: object): SqliteDatabase {
  return (store as { readonly db: SqliteDatabase }).db;
}

for (const [file, open] of [
  ['log', openSqliteEventLogStore],
  ['collections', openSqliteCollectionStore],
] as const) {
  test(`what the file of the ${file} was told to have is on the disk: WAL, synchronous FULL or a WalSync, in a new file and an old one`, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
    for (let opened = 0; opened < 2; opened += 1) {
      const store = await open({ dir, clock: fakeClock() });
      // Once something was written, since nothing may lower it for a write either.
      await store.ping();
      if ('open' in store) await store.open('lab');
      else await (await store.collection({ name: 'a', indexes: [] })).insert([{ id: 'x' }]);
      t.is(connectionOf(store).pragma('synchronous'), SYNCHRONOUS[file]);
      t.is((store as { readonly wal?: WalSync }).wal !== undefined, file === 'collections');
      t.is(connectionOf(store).pragma('journal_mode'), 'wal');
      await store.close();
    }
    rmSync(dir, { recursive: true });
  });
}
