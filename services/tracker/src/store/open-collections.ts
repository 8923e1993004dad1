import type { CollectionStore, IndexSpec } from '@berth/storage';
import type { TrackerCollections } from '../ports/collections.js';

/**
 * Indexes of allocations, one for each question that must not get slower with the table. Those with fields that are there
 * only for a while (see Indexed in the domain) stay small: what has ended leaves them.
 */
const ALLOCATIONS: readonly IndexSpec[] = [
  { name: 'request', fields: ['request'], unique: true },
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'created', fields: ['createMs'] },
  { name: 'owner_created', fields: ['owner', 'createMs'] },
  { name: 'kind_created', fields: ['kind', 'createMs'] },
  { name: 'state_created', fields: ['state', 'createMs'] },
  { name: 'application_created', fields: ['application', 'createMs'] },
  { name: 'label_created', fields: ['labels', 'createMs'] },
  { name: 'group_members', fields: ['group'] },
  { name: 'external', fields: ['externalId'] },
  { name: 'parent', fields: ['parent'] },
  { name: 'updated', fields: ['updateMs'] },
  { name: 'live_external', fields: ['liveKind', 'externalId'] },
  { name: 'live_parent', fields: ['liveParent'] },
  { name: 'live_since', fields: ['liveSinceMs'] },
  { name: 'next_due', fields: ['nextDueMs'] },
  { name: 'deletion', fields: ['deletion'] },
  { name: 'ended', fields: ['spanClass', 'endMs'] },
  { name: 'owner_ended', fields: ['owner', 'spanClass', 'endMs'] },
  { name: 'bench_ended', fields: ['benches', 'spanClass', 'endMs'] },
];

const GROUPS: readonly IndexSpec[] = [
  { name: 'request', fields: ['request'], unique: true },
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'failed', fields: ['failedMs'] },
  { name: 'closed', fields: ['closeMs'] },
];

const LEAKS: readonly IndexSpec[] = [
  { name: 'answered', fields: ['answeredIds'], unique: true },
  { name: 'seen', fields: ['firstSeenMs'] },
  { name: 'rule_seen', fields: ['rule', 'firstSeenMs'] },
  { name: 'owner_seen', fields: ['owner', 'firstSeenMs'] },
  { name: 'kind_seen', fields: ['kind', 'firstSeenMs'] },
  { name: 'allocation', fields: ['allocationId'] },
];

const PLANS: readonly IndexSpec[] = [
  { name: 'request', fields: ['request'], unique: true },
  { name: 'created', fields: ['createMs'] },
];

/** Opens the tracker's collections, making what is not there yet. */
export async function openCollections(store: CollectionStore): Promise<TrackerCollections> {
  return {
    allocations: await store.collection({ name: 'tracker_allocations', indexes: ALLOCATIONS }),
    groups: await store.collection({ name: 'tracker_groups', indexes: GROUPS }),
    leaks: await store.collection({ name: 'tracker_leaks', indexes: LEAKS }),
    earlierAnswers: await store.collection({
      name: 'tracker_earlier_answers',
      indexes: [{ name: 'answered', fields: ['timeMs'] }],
    }),
    plans: await store.collection({ name: 'tracker_plans', indexes: PLANS }),
    reports: await store.collection({ name: 'tracker_reports', indexes: [{ name: 'kind', fields: ['kind'] }] }),
    marks: await store.collection({ name: 'tracker_marks', indexes: [] }),
  };
}
