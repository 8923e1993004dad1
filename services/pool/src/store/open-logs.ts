import type { CollectionStore } from '@berth/storage';
import type { LogCollections } from '../ports/log-collections.js';
import { LOG_PARTS, RUNS } from '../ports/log-collections.js';

/** Opens the collections of runs, making what is not there yet. */
export async function openLogs(store: CollectionStore): Promise<LogCollections> {
  return {
    store,
    runs: await store.collection({
      name: RUNS,
      indexes: [
        { name: 'started', fields: ['startMs'] },
        { name: 'checks', fields: ['check', 'startMs'] },
      ],
    }),
    parts: await store.collection({ name: LOG_PARTS, indexes: [] }),
  };
}
