import { openCollections } from '../../services/tracker/src/store/open-collections.js';
import type { Place } from './tracker-documents.js';
import { finishedAllocation, freshIntent, openPlace } from './tracker-documents.js';

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

export interface InsertJob {
  readonly place: Place;
  readonly batch: number;
  readonly seconds: number;
  /** Makes the ids of this turn its own. */
  readonly turn: string;
}

/** The engine's own batch insert, of documents that are made before the time counts; how many a second. */
export async function insertDocuments({ place, batch, seconds, turn }: InsertJob): Promise<number> {
  const store = await openPlace(place);
  try {
    const { allocations } = await openCollections(store);
    let count = 0;
    let ms = 0;
    for (let n = 0; ms < seconds * 1000; n += 1) {
      const documents = Array.from({ length: batch }, (_, i) =>
        freshIntent(`al-${padded(turn)}${padded(n)}${padded(i)}`, Date.now()),
      );
      const started = performance.now();
      await allocations.insert(documents);
      ms += performance.now() - started;
      count += batch;
    }
    return (count * 1000) / ms;
  } finally {
    await store.close();
  }
}

/** In the order of the numbers, as the tracker's own ids are: others would make the engine slower. */
function padded(number: number | string): string {
  return String(number).padStart(5, '0');
}
