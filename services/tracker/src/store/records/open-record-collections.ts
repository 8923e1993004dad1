import type { CollectionStore, Document, IndexSpec } from '@berth/storage';
import { MAX_ORDERED_FIELDS } from '../../domain/records/index.js';
import type { RecordCollections } from '../../ports/record-collections.js';

const SLOTS: readonly IndexSpec[] = Array.from({ length: MAX_ORDERED_FIELDS }, (_, slot) => ({
  name: `slot${slot}`,
  fields: ['shelf', `slots.s${slot}`],
}));

/** Each index answers a question that must not get slower with the table; see RecordDocument for the fields. */
const RECORDS: readonly IndexSpec[] = [
  { name: 'uniques', fields: ['uniques'], unique: true },
  { name: 'shelf', fields: ['shelf', 'created'] },
  { name: 'items', fields: ['items', 'created'] },
  { name: 'free', fields: ['free', 'created'] },
  { name: 'claimed', fields: ['claimed', 'created'] },
  // What only earlier versions wrote, and the start finishes.
  { name: 'chore', fields: ['chore'] },
  { name: 'purge', fields: ['purgeMs'] },
  { name: 'claimed_from', fields: ['body.rangeId'] },
  ...SLOTS,
];

const CHANGES: readonly IndexSpec[] = [
  { name: 'kind', fields: ['kind', 'order'] },
  { name: 'record', fields: ['recordId', 'order'] },
];

/** Opens the inventory's collections, making what is not there yet. */
export async function openRecordCollections(store: CollectionStore): Promise<RecordCollections> {
  return {
    records: await store.collection({ name: 'records', indexes: RECORDS }),
    changes: await store.collection({ name: 'record_changes', indexes: CHANGES }),
    requests: await store.collection({
      name: 'record_requests',
      indexes: [{ name: 'started', fields: ['startedMs'] }],
    }),
    layouts: await store.collection({ name: 'record_layouts', indexes: [] }),
    writeAll: (writes) => store.writeAll<Document>(writes),
  };
}
