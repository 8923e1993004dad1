// A store that counts what is read from a collection, and lets something happen between reads.
import type { Collection, CollectionSpec, CollectionStore, Document, Query } from '@berth/storage';

export interface Reads {
  /** Documents that queries and reads by id gave. */
  count: number;
  /** Called after each query, before its answer is given. */
  after?: (query: Query) => Promise<void>;
}

/** A store through which `reads` counts the documents that reads of the collection `name` give. */
export function countingStore(store: CollectionStore, name: string, reads: Reads): CollectionStore {
  const counted = <T extends Document>(collection: Collection<T>): Collection<T> => ({
    get: (id) => collection.get(id),
    async getMany(ids) {
      const found = await collection.getMany(ids);
      reads.count += found.length;
      return found;
    },
    insert: (documents) => collection.insert(documents),
    replace: (document, expected) => collection.replace(document, expected),
    replaceMany: (writes) => collection.replaceMany(writes),
    remove: (id, expected) => collection.remove(id, expected),
    count: (where) => collection.count(where),
    async find(query) {
      const found = await collection.find(query);
      reads.count += found.documents.length;
      await reads.after?.(query);
      return found;
    },
  });
  return {
    engine: store.engine,
    async collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>> {
      const collection = await store.collection<T>(spec);
      return spec.name === name ? counted(collection) : collection;
    },
    writeAll: (writes) => store.writeAll(writes),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}
