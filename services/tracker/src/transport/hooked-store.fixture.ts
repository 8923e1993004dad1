// A store whose calls of one collection wait for what a test does meanwhile.
import type { Collection, CollectionSpec, CollectionStore, Document, Query } from '@berth/storage';

export interface Hooks {
  /** Awaited after a query was answered by the store. */
  readonly find?: (query: Query) => Promise<void>;
  /** Awaited before documents are inserted. */
  readonly insert?: (documents: readonly Document[]) => Promise<void>;
  /** Awaited before a document is replaced. */
  readonly replace?: (document: Document) => Promise<void>;
}

/** A store with hooks into the collection `name`. */
export function hookedStore(store: CollectionStore, name: string, hooks: Hooks): CollectionStore {
  const hooked = <T extends Document>(collection: Collection<T>): Collection<T> => ({
    get: (id) => collection.get(id),
    getMany: (ids) => collection.getMany(ids),
    replaceMany: (writes) => collection.replaceMany(writes),
    remove: (id, expected) => collection.remove(id, expected),
    count: (where) => collection.count(where),
    async find(query) {
      const found = await collection.find(query);
      await hooks.find?.(query);
      return found;
    },
    async insert(documents) {
      await hooks.insert?.(documents);
      return collection.insert(documents);
    },
    async replace(document, expected) {
      await hooks.replace?.(document);
      return collection.replace(document, expected);
    },
  });
  return {
    engine: store.engine,
    async collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>> {
      const collection = await store.collection<T>(spec);
      return spec.name === name ? hooked(collection) : collection;
    },
    async writeAll(writes) {
      for (const write of writes.filter(({ collection }) => collection === name)) {
        if ('insert' in write) await hooks.insert?.([write.insert]);
        if ('replace' in write) await hooks.replace?.(write.replace);
      }
      return store.writeAll(writes);
    },
    ping: () => store.ping(),
    close: () => store.close(),
  };
}
