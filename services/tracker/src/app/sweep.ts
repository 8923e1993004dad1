import { carryOut } from '@berth/documents';
import type { Allocation, Leak } from '../domain/index.js';
import { unmarked } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import { optionsOf } from './command-allocations.js';
import { allLeaks } from './leaks.js';
import { lookForLeaks } from './look-for-leaks.js';
import { raiseMark, SWEEP } from './marks.js';
import { stillShown } from './report-seen.js';
import type { TrackerContext } from './tracker-context.js';

const WRITE = 1000;

/**
 * Brings the list of leaks to what leaks now: adds new ones with this time as their first, takes away those that are over,
 * and of the others renews nothing but the evidence. Then notes the time, for all replicas. Answers how many there are;
 * undefined when it was ended before.
 */
export async function sweep(context: TrackerContext, signal: AbortSignal): Promise<number | undefined> {
  const { collections, clock, logger } = context;
  const startMs = clock.now();
  // Known ones first: one that a report or a failed deletion adds meanwhile is not among them, and so is not taken away.
  const known = new Map<string, Stored<Leak>>();
  for await (const stored of allLeaks(collections.leaks, {})) known.set(stored.value.id, stored);
  const look = await lookForLeaks(context, signal);
  if (look === undefined) return undefined;
  const { leaks, undecided } = look;
  const fresh = [...leaks.values()].filter(({ id }) => !known.has(id));
  for (let i = 0; i < fresh.length && !signal.aborted; i += WRITE) {
    await collections.leaks.insert(fresh.slice(i, i + WRITE));
  }
  const reported = [...known.values()].flatMap(({ value }) => (isReported(value) ? [value] : []));
  const shown = await stillShown(context, reported);
  const over: Leak[] = [];
  for (const { value, revision } of known.values()) {
    if (signal.aborted) return undefined;
    const current = leaks.get(value.id);
    if (current !== undefined) await renewEvidence(context, { value, revision }, current);
    const stays = isReported(value) ? shown.has(value.id) : current !== undefined || undecided(value);
    if (!stays && (await collections.leaks.remove(value.id, revision)) === 'removed') over.push(value);
  }
  await takeMarksBack(context, over);
  await raiseMark(collections.marks, SWEEP, startMs);
  if (fresh.length + over.length > 0) logger.info({ found: fresh.length, over: over.length }, 'leaks have changed');
  return known.size + fresh.length - over.length;
}

/** Writes what shows a known leak now, if that is not what it was. One that is written meanwhile waits for the next sweep. */
async function renewEvidence({ collections }: TrackerContext, known: Stored<Leak>, current: Leak): Promise<void> {
  const { evidence, proposedAction } = current;
  if (evidence === known.value.evidence) return;
  await collections.leaks.replace({ ...known.value, evidence, proposedAction }, known.revision);
}

/** Whether a provider's report showed it: then only the next one, or what happens here, can end it. */
function isReported({ rule }: Leak): boolean {
  return rule === 'L5' || rule === 'L6';
}

/** What was marked for a leak that is over starts from the beginning when it leaks again. */
async function takeMarksBack(context: TrackerContext, over: readonly Leak[]): Promise<void> {
  const nowMs = context.clock.now();
  const commands = over.flatMap(({ allocationId, rule }) => {
    if (allocationId === undefined) return [];
    const plan = ({ value }: Stored<Allocation>): Allocation | undefined =>
      value.collection?.rule === rule ? unmarked(value, nowMs) : undefined;
    return [{ id: allocationId, key: { id: '', fingerprint: '' }, plan }];
  });
  if (commands.length > 0) await carryOut(context.collections.allocations, commands, optionsOf(context, nowMs));
}
