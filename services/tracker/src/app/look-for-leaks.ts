import { setTimeout } from 'node:timers/promises';
import { inChunks, pages } from '@berth/documents';
import type { Allocation, Group, Leak, LeakRule } from '../domain/index.js';
import { leakOf, ruleHolds } from '../domain/index.js';
import type { TrackerCollections, Where } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

/** What a look found. */
export interface Look {
  /** By id. */
  readonly leaks: ReadonlyMap<string, Leak>;
  /** Whether nothing could be found out this time about a leak that is known: it stays. */
  readonly undecided: (leak: Leak) => boolean;
}

/** Read at once. The process serves others between two pages, so a page is what a caller may have to wait for. */
const PAGE = 50;
/** Parents that are looked up at once. */
const PARENTS = 250;
/** After a page there is rest for three times as long as it took, so that a sweep takes a quarter of a processor. */
const REST = 3;
/** A page that takes much longer waits for a store elsewhere, and takes nobody's processor here. */
const LONGEST_REST_MS = 20;
/** A failed group that was empty for so long takes nothing more: an intent that was on its way has arrived. */
const SETTLED_MS = 3_600_000;

/**
 * Everything that leaks now by the rules that follow from what is stored: L1 to L4 and L7. Each is looked up in an index
 * that holds only what is live, so the cost does not grow with what has ended. Undefined, and soon, once the signal aborts.
 */
export async function lookForLeaks(context: TrackerContext, signal: AbortSignal): Promise<Look | undefined> {
  const nowMs = context.clock.now();
  const leaks = new Map<string, Leak>();
  const add = (rule: Exclude<LeakRule, 'L5'>, allocation: Allocation): void => {
    const leak = leakOf(rule, allocation, nowMs);
    leaks.set(leak.id, leak);
  };
  const facts = { nowMs, parentGone: false };
  for await (const allocation of allocationsOf(context, { nextDueMs: { until: nowMs } }, 'nextDueMs', signal)) {
    for (const rule of ['L1', 'L3'] as const) if (ruleHolds(rule, allocation, facts)) add(rule, allocation);
  }
  for await (const allocation of allocationsOf(context, { deletion: 1 }, 'id', signal)) {
    if (ruleHolds('L7', allocation, facts)) add('L7', allocation);
  }
  await lookIntoFailedGroups(context, nowMs, signal, (allocation, group) => {
    if (ruleHolds('L2', allocation, { group, ...facts })) add('L2', allocation);
  });
  const undecided = await lookForParents(context, signal, (allocation) => {
    if (ruleHolds('L4', allocation, { nowMs, parentGone: true })) add('L4', allocation);
  });
  // A part says nothing of what is over, and is not a sweep to be told of.
  return signal.aborted ? undefined : { leaks, undecided };
}

/** Calls `visit` for each live allocation of a failed group. Groups with nothing live in them are not looked into again. */
async function lookIntoFailedGroups(
  context: TrackerContext,
  nowMs: number,
  signal: AbortSignal,
  visit: (allocation: Allocation, group: Group) => void,
): Promise<void> {
  const { groups } = context.collections;
  const query = { where: { failedMs: { from: 0 } }, orderBy: { field: 'failedMs' }, limit: PAGE };
  for await (const page of pages(groups, query)) {
    const failed = new Map(page.map((stored) => [stored.value.id, stored]));
    const inhabited = new Set<Group>();
    for (const chunk of inChunks([...failed.keys()])) {
      for await (const allocation of allocationsOf(context, { group: { in: chunk }, ...LIVE }, 'id', signal)) {
        const stored = failed.get(allocation.group ?? '');
        if (stored === undefined) continue;
        visit(allocation, stored.value);
        inhabited.add(stored.value);
      }
    }
    if (signal.aborted) return;
    for (const { value, revision } of failed.values()) {
      const { failedMs = nowMs, ...settled } = value;
      // Somebody else who settles it at the same time does the same.
      if (!inhabited.has(value) && failedMs < nowMs - SETTLED_MS) await groups.replace(settled, revision);
    }
  }
}

const LIVE: Where = { state: { in: ['INTENT', 'ALLOCATED'] } };

/**
 * Calls `visit` for each ALLOCATED one whose parent is gone. Answers which of the known leaks nothing could be found out about.
 *
 * Parents are looked up after they were read: one that is missing was read before, so it is not one that only came in
 * between. What names a parent that is gone is read once more, since it may have ended meanwhile.
 */
async function lookForParents(
  context: TrackerContext,
  signal: AbortSignal,
  visit: (allocation: Allocation) => void,
): Promise<(leak: Leak) => boolean> {
  const { collections, parents } = context;
  if (parents === undefined) return () => false;
  const undecided = new Set<string>();
  const look = parents.begin();
  const lookUp = async (children: ReadonlyMap<string, readonly string[]>): Promise<void> => {
    const { gone, unknown } = await look([...children.keys()]);
    const orphans = [...gone].flatMap((parent) => children.get(parent) ?? []);
    for (const chunk of inChunks(orphans)) {
      for (const { value } of await collections.allocations.getMany(chunk)) {
        if (gone.has(value.liveParent ?? '')) visit(value);
      }
    }
    for (const parent of unknown) for (const id of children.get(parent) ?? []) undecided.add(id);
  };
  let children = new Map<string, string[]>();
  const live = { liveParent: { from: '' } };
  for await (const { id, liveParent = '' } of allocationsOf(context, live, 'liveParent', signal)) {
    if (children.size >= PARENTS && !children.has(liveParent)) {
      await lookUp(children);
      children = new Map();
    }
    const known = children.get(liveParent);
    if (known === undefined) children.set(liveParent, [id]);
    else known.push(id);
  }
  if (children.size > 0) await lookUp(children);
  return ({ rule, allocationId = '' }) => rule === 'L4' && undecided.has(allocationId);
}

async function* allocationsOf(
  { collections }: { readonly collections: TrackerCollections },
  where: Where,
  field: string,
  signal: AbortSignal,
): AsyncGenerator<Allocation, void, undefined> {
  let started = performance.now();
  for await (const page of pages(collections.allocations, { where, orderBy: { field }, limit: PAGE })) {
    for (const { value } of page) yield value;
    // An engine within this process answers at once, and page after page would keep all others from being served.
    await setTimeout(Math.min(REST * (performance.now() - started), LONGEST_REST_MS));
    if (signal.aborted) return;
    started = performance.now();
  }
}
