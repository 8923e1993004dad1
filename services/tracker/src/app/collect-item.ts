import type { Allocation, ItemOutcome, PlanItem } from '../domain/index.js';
import { isLive, mark, notified, stepOf } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { Collecting, Outcome } from './collecting.js';
import { changed, environmentOf, unqualified } from './collecting.js';
import { deleteItem } from './delete-item.js';
import { allLeaks } from './leaks.js';
import { qualify } from './qualify.js';

/**
 * Does what a plan says about one allocation, if it has not changed since and still qualifies. Throws COLLECTION_RUNS when
 * the lock on collecting is lost: what was not done by then is not done.
 */
export async function collectItem(collecting: Collecting): Promise<ItemOutcome> {
  const { context, item } = collecting;
  const { allocationId, action } = item;
  const stored = await context.collections.allocations.get(allocationId);
  return { allocationId, action, ...(await outcomeOf(collecting, stored)) };
}

async function outcomeOf(collecting: Collecting, stored: Stored<Allocation> | undefined): Promise<Outcome> {
  const { item, planId } = collecting;
  if (stored?.revision === item.etag) return collect(collecting, stored);
  // Changed by this plan: whoever applied it came no further than this.
  return stored?.value.collectedBy === planId ? doneBefore(item, stored.value) : changed();
}

/** What became of an item that this plan has begun or done, by whoever applied it before. */
function doneBefore({ action }: PlanItem, { deletingUntilMs, ...allocation }: Allocation): Outcome {
  if (action !== 'DELETE' || !isLive(allocation)) return { outcome: 'DONE', message: '' };
  if (deletingUntilMs === undefined) return { outcome: 'FAILED', message: allocation.history.at(-1)?.reason ?? '' };
  const time = new Date(deletingUntilMs).toISOString();
  return {
    outcome: 'FAILED',
    message: `its deletion was interrupted, and its command may have run, or not; unless its end is told, it is listed as L7 from ${time} on, and can be collected again`,
  };
}

async function collect(collecting: Collecting, stored: Stored<Allocation>): Promise<Outcome> {
  const { context, item } = collecting;
  const { collections, clock, settings } = context;
  const leaks = [];
  for await (const { value } of allLeaks(collections.leaks, { allocationId: item.allocationId })) leaks.push(value);
  const [candidate] = await qualify(context, [{ stored, leaks }]);
  const next = candidate && stepOf(candidate, clock.now());
  if (next === undefined) return unqualified('it does not leak any more');
  if ('none' in next) return unqualified(next.none);
  if (next.step !== item.action) return unqualified(`the next step is ${next.step}`);
  await context.failpoint('tracker.itemQualified');
  switch (item.action) {
    case 'MARK':
      return collecting.replaced(stored, mark(stored.value, next.rule, settings.collect.graceMs, clock.now()));
    case 'NOTIFY':
      return notify(collecting, stored);
    case 'DELETE':
      return deleteItem(collecting, stored);
  }
}

/** Tells the owner by the kind's command, else by the log. It may be told twice when somebody else is faster after that. */
async function notify(collecting: Collecting, stored: Stored<Allocation>): Promise<Outcome> {
  const { context, item, collector } = collecting;
  const { id, owner, kind, collection } = stored.value;
  collecting.requireLock();
  if (collector.notify === undefined) {
    const dueTime = new Date(collection?.dueMs ?? 0).toISOString();
    context.logger.warn(
      { allocation: id, owner, kind, rule: item.rule, dueTime },
      'a leaked allocation will be deleted',
    );
  } else {
    const { ok, message } = await collecting.run(collector.notify, environmentOf(stored.value, item));
    if (!ok) return { outcome: 'FAILED', message: `the owner could not be told: ${message}` };
  }
  return collecting.replaced(stored, notified(stored.value, context.clock.now()));
}
