import type { CollectionStore, IndexSpec } from '@berth/storage';
import type { ListCollections } from '../ports/collections.js';
import type { LedgerCollections } from './stored-ledgers.js';

/** All questions of lists go by a key and the start; see list-keys.ts. */
const BOOKINGS: readonly IndexSpec[] = [
  { name: 'key_start', fields: ['keys', 'startMs'] },
  { name: 'live', fields: ['liveUntilMs'] },
  { name: 'ended', fields: ['root', 'endMs'] },
];

/** Opens the collections of ledgers, making what is not there yet. The id is the only index that a ledger needs. */
export async function openLedgerCollections(store: CollectionStore): Promise<LedgerCollections> {
  return {
    roots: await store.collection({ name: 'booking_roots', indexes: [] }),
    entries: await store.collection({ name: 'booking_entries', indexes: [] }),
    snapshots: await store.collection({ name: 'booking_snapshots', indexes: [] }),
    pieces: await store.collection({ name: 'booking_pieces', indexes: [] }),
  };
}

/** Opens the collections that lists are read from, making what is not there yet. */
export async function openListCollections(store: CollectionStore): Promise<ListCollections> {
  return {
    bookings: await store.collection({ name: 'booking_bookings', indexes: BOOKINGS }),
    positions: await store.collection({ name: 'booking_positions', indexes: [] }),
  };
}
