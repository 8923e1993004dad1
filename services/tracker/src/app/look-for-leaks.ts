import type { Allocation, Group, Leak, LeakRule } from '../domain/index.js';
import { leakOf, ruleHolds } from '../domain/index.js';
import type { TrackerCollections, Where } from '../ports/collections.js';
import { inChunks } from './chunks.js';
import type { TrackerContext } from './tracker-context.js';

/** What a look found. */
export interface Look {
  /** By id. */
  readonly leaks: ReadonlyMap<string, Leak>;
  /** Rules of which nothing could be found out this time: what is known by them stays. */
  readonly unknown: ReadonlySet<LeakRule>;
}

const PAGE = 1000;
/** A failed group that was empty for so long takes nothing more: an intent that was on its way has arrived. */
const SETTLED_MS = 3_600_000;

/**
 * Everything that leaks now by the rules that follow from what is stored: L1 to L4 and L7. Each is looked up in an index
 * that holds only what is live, so the cost does not grow with what has ended.
 */
export async function lookForLeaks(context: TrackerContext): Promise<Look> {
  const nowMs = context.clock.now();
  const leaks = new Map<string, Leak>();
  const add = (rule: Exclude<LeakRule, 'L5'>, allocation: Allocation): void => {
    const leak = leakOf(rule, allocation, nowMs);
    leaks.set(leak.id, leak);
  };
  const facts = { nowMs, parentGone: false };
  for await (const allocation of pages(context, { nextDueMs: { until: nowMs } }, 'nextDueMs')) {
    for (const rule of ['L1', 'L3'] as const) if (ruleHolds(rule, allocation, facts)) add(rule, allocation);
  }
  for await (const allocation of pages(context, { deletion: 1 }, 'id')) {
    if (ruleHolds('L7', allocation, facts)) add('L7', allocation);
  }
  await lookIntoFailedGroups(context, nowMs, (allocation, group) => {
    if (ruleHolds('L2', allocation, { ...facts, group })) add('L2', allocation);
  });
  const parentsKnown = await lookForParents(context, (allocation) => {
    if (ruleHolds('L4', allocation, { nowMs, parentGone: true })) add('L4', allocation);
  });
  return { leaks, unknown: new Set<LeakRule>(parentsKnown ? [] : ['L4']) };
}

/** Calls `visit` for each live allocation of a failed group. Groups with nothing live in them are not looked into again. */
async function lookIntoFailedGroups(
  context: TrackerContext,
  nowMs: number,
  visit: (allocation: Allocation, group: Group) => void,
): Promise<void> {
  const { groups } = context.collections;
  let after: string | undefined;
  do {
    const query = { where: { failedMs: { from: 0 } }, orderBy: { field: 'failedMs' }, limit: PAGE };
    const found = await groups.find(after === undefined ? query : { ...query, after });
    const failed = new Map(found.documents.map((stored) => [stored.value.id, stored]));
    const inhabited = new Set<Group>();
    for (const chunk of inChunks([...failed.keys()])) {
      for await (const allocation of pages(context, { group: { in: chunk }, ...LIVE }, 'id')) {
        const stored = failed.get(allocation.group ?? '');
        if (stored === undefined) continue;
        visit(allocation, stored.value);
        inhabited.add(stored.value);
      }
    }
    for (const { value, revision } of failed.values()) {
      const { failedMs = nowMs, ...settled } = value;
      // Somebody else who settles it at the same time does the same.
      if (!inhabited.has(value) && failedMs < nowMs - SETTLED_MS) await groups.replace(settled, revision);
    }
    after = found.next;
  } while (after !== undefined);
}

const LIVE: Where = { state: { in: ['INTENT', 'ALLOCATED'] } };

/** Calls `visit` for each ALLOCATED one whose parent is gone. False when that can't be found out. */
async function lookForParents(context: TrackerContext, visit: (allocation: Allocation) => void): Promise<boolean> {
  const { parents, logger } = context;
  if (parents === undefined) return true;
  let page: Allocation[] = [];
  const check = async (): Promise<void> => {
    const gone = await parents.gone([...new Set(page.flatMap(({ liveParent }) => liveParent ?? []))]);
    for (const allocation of page) if (gone.has(allocation.liveParent ?? '')) visit(allocation);
    page = [];
  };
  try {
    for await (const allocation of pages(context, { liveParent: { from: '' } }, 'liveParent')) {
      page.push(allocation);
      if (page.length >= PAGE) await check();
    }
    if (page.length > 0) await check();
    return true;
  } catch (error) {
    logger.warn({ err: error }, 'parents of allocations could not be looked up; L4 stays as it was');
    return false;
  }
}

async function* pages(
  { collections }: { readonly collections: TrackerCollections },
  where: Where,
  field: string,
): AsyncGenerator<Allocation, void, undefined> {
  let after: string | undefined;
  do {
    const query = { where, orderBy: { field }, limit: PAGE };
    const found = await collections.allocations.find(after === undefined ? query : { ...query, after });
    for (const { value } of found.documents) yield value;
    after = found.next;
  } while (after !== undefined);
}
