import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from '../collection.js';
import type { Thing } from './subject.js';

const LONGEST_PAUSE_MS = 1000;

/**
 * Adds 1 to the count of a document by compare-and-swap. Pauses double and have a random part: writers that lost together
 * would meet again otherwise.
 */
export async function increment(things: Collection<Thing>, id: string): Promise<void> {
  for (let longestMs = 4; ; longestMs = Math.min(longestMs * 2, LONGEST_PAUSE_MS)) {
    const found = await things.get(id);
    if (found === undefined) throw new Error(`${id} is gone`);
    const { value, revision } = found;
    const { outcome } = await things.replace({ ...value, count: (value.count ?? 0) + 1 }, revision);
    if (outcome === 'replaced') return;
    if (outcome !== 'stale') throw new Error(outcome);
    await sleep(longestMs * Math.random());
  }
}
