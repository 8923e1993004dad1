import type { CollectionStore } from '../collection/collection.js';
import type { MongoCollectionStoreOptions } from './mongo-collection-store.js';

/**
 * Opens the collections of a database in MongoDB; see mongo-collection-store.ts for what it must be. The driver is loaded
 * here, so that who runs on SQLite does not pay for it.
 */
export async function openMongoCollectionStore(options: MongoCollectionStoreOptions): Promise<CollectionStore> {
  const mongo = await import('./mongo-collection-store.js');
  return mongo.openMongoCollectionStore(options);
}
