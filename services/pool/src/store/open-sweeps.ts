import type { Collection, CollectionStore } from '../ports/collections.js';
import type { SweepDocument } from '../ports/sweep-collection.js';

/** Opens the collection of sweeps, making it when it is not there yet. */
export function openSweeps(store: CollectionStore): Promise<Collection<SweepDocument>> {
  return store.collection({ name: 'pool_sweeps', indexes: [] });
}
