import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { testCollection } from '../collection/conformance.js';
import type { Running } from '../collection/conformance/subject.js';
import { openSqliteCollectionStore } from './sqlite-collection-store.js';

async function start(): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
  let store = await openSqliteCollectionStore({ dir });
  const close = (): Promise<void> => store.close();
  return {
    get store() {
      return store;
    },
    target: dir,
    restart: close,
    release: close,
    async reopen(database = 'documents') {
      await close();
      store = await openSqliteCollectionStore({ dir, database });
      return store;
    },
    async stop() {
      await close();
      rmSync(dir, { recursive: true });
    },
  };
}

testCollection(test, { engine: 'sqlite', start, startOwn: start });
