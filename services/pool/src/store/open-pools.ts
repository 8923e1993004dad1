import type { IndexSpec } from '@berth/storage';
import type { PoolDocument } from '../domain/pool-document.js';
import type { Resource } from '../domain/resource.js';
import type { CollectionStore, Deletion, NextNumber, PoolCollections } from '../ports/collections.js';
import { NUMBERS, POOLS, RESOURCES } from '../ports/collections.js';

/** Indexes of resources. What has ended leaves those with `live` and `untold`. */
const INDEXES: readonly IndexSpec[] = [
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'live_id_in_pool', fields: ['liveIdInPool'], unique: true },
  { name: 'live_counters', fields: ['liveCounters'], unique: true },
  { name: 'live_name', fields: ['liveName'], unique: true },
  { name: 'name', fields: ['name'] },
  { name: 'state_number', fields: ['state', 'number'] },
  { name: 'pool_state_number', fields: ['pool', 'state', 'number'] },
  { name: 'leaks', fields: ['state', 'leakMs'] },
  { name: 'pool_leaks', fields: ['pool', 'state', 'leakMs'] },
  { name: 'ended', fields: ['state', 'endMs'] },
  { name: 'untold', fields: ['untold'] },
  { name: 'updated', fields: ['updateMs'] },
];

/** Opens the collections of pools and resources, making what is not there yet. */
export async function openPools(store: CollectionStore): Promise<PoolCollections> {
  return {
    store,
    resources: await store.collection<Resource>({ name: RESOURCES, indexes: INDEXES }),
    pools: await store.collection<PoolDocument>({
      name: POOLS,
      indexes: [{ name: 'answered', fields: ['answeredIds'], unique: true }],
    }),
    numbers: await store.collection<NextNumber>({ name: NUMBERS, indexes: [] }),
    deletions: await store.collection<Deletion>({
      name: 'pool_deletions',
      indexes: [{ name: 'made', fields: ['timeMs'] }],
    }),
  };
}
