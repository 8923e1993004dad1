import { openCollections } from '../../services/tracker/src/store/open-collections.js';
import type { Place } from './tracker-documents.js';
import { finishedAllocation, openPlace } from './tracker-documents.js';

const BATCH = 5000;

/** Fills a place with finished allocations, the newest first. */
export async function fillTracker({ place, count }: { readonly place: Place; readonly count: number }): Promise<void> {
  const store = await openPlace(place);
  try {
    const { allocations } = await openCollections(store);
    const nowMs = Date.now() - 3_600_000;
    for (let i = 0; i < count; i += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - i) }, (_, k) => finishedAllocation(i + k, nowMs));
      await allocations.insert(batch);
    }
  } finally {
    await store.close();
  }
}
