import { inChunks, insertOnce, madeBefore } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { randomId } from '@berth/kernel';
import type { Candidate, CollectionPlan, Leak, LeakRule } from '../domain/index.js';
import { planItems } from '../domain/index.js';
import { allLeaks } from './leaks.js';
import { qualify } from './qualify.js';
import type { TrackerContext } from './tracker-context.js';

export interface PlanScope {
  /** Empty = any. */
  readonly rules: readonly LeakRule[];
  readonly kinds: readonly string[];
  /** Absent = as configured; never more than that. */
  readonly maxDeletions?: number;
}

/** A plan is one document: of more candidates the longest leaked ones come first, the others in a later cycle. */
const MOST_CANDIDATES = 5000;
/** And as an answer it is one message: what all candidates take in it. Clients take 4 MiB. */
const MOST_BYTES = 2 << 20;
/** Of an item, besides its texts. */
const ITEM_BYTES = 120;

/** Plans what collecting would do now, and stores it. Changes nothing else. Throws REQUEST_ID_REUSED. */
export async function planCollection(
  context: TrackerContext,
  scope: PlanScope,
  key: RequestKey,
  by: By,
): Promise<CollectionPlan> {
  const { collections, clock, settings } = context;
  const before = await madeBefore(collections.plans, key);
  if (before !== undefined) return before.value;
  const candidates = await candidatesOf(context, scope);
  const live = await liveOfKinds(context, candidates);
  const { maxPerCycle, maxPerOwner, maxPercent, kinds } = settings.collect;
  const rules = {
    maxPerCycle: Math.min(scope.maxDeletions ?? maxPerCycle, maxPerCycle),
    maxPerOwner,
    maxPercent,
    liveOf: (kind: string) => live.get(kind) ?? 0,
    deletes: (kind: string) => kinds.get(kind)?.delete !== undefined || kinds.get(kind)?.releaseWithoutCommand === true,
  };
  const nowMs = clock.now();
  const plan: CollectionPlan = {
    id: randomId('cp'),
    ...planItems(candidates, rules, nowMs),
    createMs: nowMs,
    actor: by.actor,
    outcomes: [],
  };
  return (await insertOnce(collections.plans, { key, plan: () => plan })).value;
}

/** What leaks now, the longest leaked first. An acknowledgement counts for all leaks of its allocation. */
async function candidatesOf(context: TrackerContext, { rules, kinds }: PlanScope): Promise<readonly Candidate[]> {
  const { leaks, allocations } = context.collections;
  const perAllocation = new Map<string, Leak[]>();
  for await (const { value } of allLeaks(leaks, kinds.length === 0 ? {} : { kind: { in: kinds } })) {
    if (value.allocationId === undefined) continue;
    const others = perAllocation.get(value.allocationId);
    if (others === undefined) perAllocation.set(value.allocationId, [value]);
    else others.push(value);
  }
  const wanted = [...perAllocation].filter(
    ([, all]) => rules.length === 0 || all.some(({ rule }) => rules.includes(rule)),
  );
  const ids = wanted.slice(0, MOST_CANDIDATES).map(([id]) => id);
  const candidates: Candidate[] = [];
  for (const chunk of inChunks(ids)) {
    const suspects = (await allocations.getMany(chunk)).map((stored) => ({
      stored,
      leaks: perAllocation.get(stored.value.id) ?? [],
    }));
    candidates.push(...(await qualify(context, suspects)));
  }
  const rank = new Map(ids.map((id, i) => [id, i]));
  const ordered = candidates
    .filter(({ leaks: held }) => rules.length === 0 || held.some(({ rule }) => rules.includes(rule)))
    .sort((a, b) => (rank.get(a.allocation.id) ?? 0) - (rank.get(b.allocation.id) ?? 0));
  let left = MOST_BYTES;
  const end = ordered.findIndex((candidate) => (left -= bytesOf(candidate)) < 0);
  return end < 0 ? ordered : ordered.slice(0, end);
}

function bytesOf({ allocation: { owner, kind, externalId = '' } }: Candidate): number {
  return ITEM_BYTES + Buffer.byteLength(owner) + Buffer.byteLength(kind) + Buffer.byteLength(externalId);
}

async function liveOfKinds(
  { collections }: TrackerContext,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, number>> {
  const live = new Map<string, number>();
  for (const kind of new Set(candidates.map(({ allocation }) => allocation.kind))) {
    live.set(kind, await collections.allocations.count({ liveKind: kind }));
  }
  return live;
}
