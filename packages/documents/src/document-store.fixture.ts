import type { CollectionStore } from '@berth/storage';
import { openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import type { DocumentEngine } from '@berth/testkit';
import { mongoDatabase } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

/** A store of a test's own, closed with the test. */
export async function openDocumentStore(t: ExecutionContext, engine: DocumentEngine): Promise<CollectionStore> {
  const store =
    engine === 'sqlite'
      ? await openSqliteCollectionStore({ dir: ':memory:' })
      : await openMongoCollectionStore({ ...mongoDatabase(t), answerWithinMs: 60_000, selectWithinMs: 30_000 });
  t.teardown(() => store.close());
  return store;
}
