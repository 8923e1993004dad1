import { inChunks } from '@berth/documents';
import type { Allocation, CollectionPlan, Group } from '../domain/index.js';
import { ENDED_CLASSES, isLive } from '../domain/index.js';
import type { Collection, Document, Stored, Where } from '../ports/collections.js';
import { FORGOTTEN, raiseMark } from './marks.js';
import { removeAll } from './remove-all.js';
import type { TrackerContext } from './tracker-context.js';

const PAGE = 500;
/** Looked at in one stretch of an index in one sweep: a backlog is worked off over many, and leaks are looked for in between. */
const MOST = 2000;
const LEAKS_OF_PAGE = 10_000;

/** Documents of an index that are old enough to be looked at, and what becomes of a page of them: how many were removed. */
interface Stretch<T extends Document> {
  readonly name: string;
  readonly collection: Collection<T>;
  readonly where: Where;
  readonly field: string;
  readonly forget: (page: readonly Stored<T>[]) => Promise<number>;
}

/**
 * Forgets what has been over for long enough, in bounded parts: allocations that have ended (and with them the request ids
 * that they remember), closed groups, plans, and request ids that were remembered for long enough. Never what is live, what a leak is listed of (acknowledged or not), and
 * what is in a group that is still open.
 *
 * For the replica that looks for leaks. A paused one that goes on does no harm: what has ended never comes back, and each
 * document is removed only as it was seen.
 */
export class Retention {
  /** Where the last look stopped, for each stretch: what has to stay is not read again before all the rest was. */
  readonly #places = new Map<string, string>();

  async run(context: TrackerContext, signal: AbortSignal): Promise<void> {
    const { collections, clock, settings, logger } = context;
    const { retention, requestIdTtlMs } = settings;
    const { allocations, groups, plans, earlierAnswers } = collections;
    const nowMs = clock.now();
    // Repeats are answered for as long as was promised, however short the retention is.
    const endedMs = nowMs - Math.max(retention.allocationsMs, requestIdTtlMs);
    const plannedMs = nowMs - Math.max(retention.plansMs, requestIdTtlMs);
    let ended = 0;
    for (const spanClass of ENDED_CLASSES) {
      ended += await this.#look(signal, {
        name: `ended/${spanClass}`,
        collection: allocations,
        where: { spanClass, endMs: { until: endedMs } },
        field: 'endMs',
        forget: (page) => forgetAllocations(context, page, endedMs),
      });
    }
    const closed = await this.#look(signal, {
      name: 'groups',
      collection: groups,
      where: { closeMs: { until: endedMs } },
      field: 'closeMs',
      forget: (page) => forgetGroups(context, page),
    });
    const planned = await this.#look(signal, {
      name: 'plans',
      collection: plans,
      where: { createMs: { until: plannedMs } },
      field: 'createMs',
      forget: (page) => forgetPlans(context, page, plannedMs),
    });
    const answeredMs = nowMs - requestIdTtlMs;
    await this.#look(signal, {
      name: 'answers',
      collection: earlierAnswers,
      where: { timeMs: { until: answeredMs } },
      field: 'timeMs',
      forget: (page) => removeAll(earlierAnswers, page),
    });
    if (ended + closed + planned > 0) {
      logger.info({ allocations: ended, groups: closed, plans: planned }, 'what was over for long enough is forgotten');
    }
  }

  /** Goes on where the last look stopped. How many documents were removed. */
  async #look<T extends Document>(signal: AbortSignal, stretch: Stretch<T>): Promise<number> {
    const { name, collection, where, field, forget } = stretch;
    let after = this.#places.get(name);
    let removed = 0;
    for (let seen = 0; seen < MOST && !signal.aborted; seen += PAGE) {
      const query = { where, orderBy: { field }, limit: PAGE };
      const found = await collection.find(after === undefined ? query : { ...query, after });
      removed += await forget(found.documents);
      after = found.next;
      if (after === undefined) break;
    }
    if (after === undefined) this.#places.delete(name);
    else this.#places.set(name, after);
    return removed;
  }
}

async function forgetAllocations(
  context: TrackerContext,
  page: readonly Stored<Allocation>[],
  endedMs: number,
): Promise<number> {
  const { allocations, marks } = context.collections;
  // What was told later than it happened is kept from when it was told: somebody may still look for it.
  const old = page.filter(({ value }) => !isLive(value) && value.updateMs < endedMs);
  const kept = await needed(context, old);
  const going = old.filter(({ value }) => !kept.has(value.id));
  const used = going.flatMap(({ value }) => (value.allocateMs === undefined ? [] : (value.endMs ?? [])));
  // Noted first: nobody may find sums too low and not be told so.
  if (used.length > 0) await raiseMark(marks, FORGOTTEN, Math.max(...used));
  return removeAll(allocations, going);
}

/** Ids of allocations that are in an open group, or that a leak is listed of. */
async function needed(
  { collections }: TrackerContext,
  ended: readonly Stored<Allocation>[],
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  const groups = await collections.groups.getMany([...new Set(ended.flatMap(({ value }) => value.group ?? []))]);
  const open = new Set(groups.filter(({ value }) => value.state === 'OPEN').map(({ value }) => value.id));
  for (const { value } of ended) if (open.has(value.group ?? '')) kept.add(value.id);
  for (const chunk of inChunks(ended.map(({ value }) => value.id))) {
    const { documents } = await collections.leaks.find({
      where: { allocationId: { in: chunk } },
      limit: LEAKS_OF_PAGE,
    });
    for (const { value } of documents) kept.add(value.allocationId ?? '');
  }
  return kept;
}

/** A failed group is asked for as long as something in it is live (L2). */
async function forgetGroups({ collections }: TrackerContext, page: readonly Stored<Group>[]): Promise<number> {
  const going: Stored<Group>[] = [];
  for (const stored of page) {
    const { id, failedMs } = stored.value;
    if (failedMs !== undefined) continue;
    const live = { group: id, state: { in: ['INTENT', 'ALLOCATED'] } };
    if ((await collections.allocations.find({ where: live, limit: 1 })).documents.length === 0) going.push(stored);
  }
  return removeAll(collections.groups, going);
}

/**
 * Forgets old plans. A plan that is applied just now is not old, whenever it was made; one that begins to be has another
 * revision.
 */
function forgetPlans(
  { collections }: TrackerContext,
  page: readonly Stored<CollectionPlan>[],
  plannedMs: number,
): Promise<number> {
  const going = page.filter(({ value }) => (value.applyMs ?? 0) < plannedMs);
  return removeAll(collections.plans, going);
}
