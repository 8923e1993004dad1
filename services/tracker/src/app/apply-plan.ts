import { BerthError } from '@berth/kernel';
import type { CollectionPlan, ItemOutcome } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import { collectItem } from './collect-item.js';
import { Collecting, collectionRuns } from './collecting.js';
import type { TrackerContext } from './tracker-context.js';

const LOCK = 'tracker-collect';
const LOCK_TTL_MS = 30_000;
/** Marks are quick: what became of so many of them is noted together. A deletion is noted at once. */
const NOTE_EVERY = 100;

/**
 * Applies a plan, once: only its items, only those that have not changed since and still qualify. A repeat answers as the
 * first time; after a crash it goes on where the first one stopped. Throws NO_SUCH_PLAN and COLLECTION_RUNS.
 */
export async function applyPlan(context: TrackerContext, planId: string): Promise<readonly ItemOutcome[]> {
  const first = await planNamed(context, planId);
  if (isDone(first.value)) return first.value.outcomes;
  // Two at once would both skip what the other one has just changed, and neither's answer would be right.
  const lock = await context.locks.acquire(LOCK, LOCK_TTL_MS);
  if (lock === undefined) throw collectionRuns(planId);
  try {
    let stored = await begun(context, await planNamed(context, planId));
    const outcomes = [...stored.value.outcomes];
    for (const item of stored.value.items.slice(outcomes.length)) {
      const collecting = new Collecting(context, planId, item, lock);
      collecting.requireLock();
      outcomes.push(await collectItem(collecting));
      context.changes.tell([item.allocationId]);
      await context.failpoint('tracker.itemCollected');
      const last = outcomes.length === stored.value.items.length;
      if (last || item.action === 'DELETE' || outcomes.length % NOTE_EVERY === 0) {
        stored = await noted(context, stored, { ...stored.value, outcomes: [...outcomes] });
      }
    }
    return outcomes;
  } finally {
    await lock.release();
  }
}

async function planNamed({ collections }: TrackerContext, planId: string): Promise<Stored<CollectionPlan>> {
  const stored = await collections.plans.get(planId);
  if (stored !== undefined) return stored;
  throw new BerthError('NO_SUCH_PLAN', `there is no collection plan '${planId}'; plan first.`, {
    resource: { type: 'berth.dev/CollectionPlan', name: planId },
  });
}

function isDone({ applyMs, items, outcomes }: CollectionPlan): boolean {
  return applyMs !== undefined && outcomes.length === items.length;
}

async function begun(context: TrackerContext, stored: Stored<CollectionPlan>): Promise<Stored<CollectionPlan>> {
  if (stored.value.applyMs !== undefined) return stored;
  return noted(context, stored, { ...stored.value, applyMs: context.clock.now() });
}

/** Whoever lost the lock without noticing learns it here, before the next item. */
async function noted(
  { collections }: TrackerContext,
  { revision }: Stored<CollectionPlan>,
  value: CollectionPlan,
): Promise<Stored<CollectionPlan>> {
  const result = await collections.plans.replace(value, revision);
  if (result.outcome !== 'replaced') throw collectionRuns(value.id);
  return { value, revision: result.revision };
}
