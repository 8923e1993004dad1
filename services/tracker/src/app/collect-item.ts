import type { Allocation, ItemOutcome, PlanItem } from '../domain/index.js';
import { deleted, deleteFailed, deleting, leakOf, mark, notified, stepOf } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import { optionsOf } from './command-allocations.js';
import { allLeaks } from './leaks.js';
import { qualify } from './qualify.js';
import { settleOne } from './settle.js';
import type { Collector, TrackerContext } from './tracker-context.js';

/** The time between the end of a command and the note of what became of it. */
const NOTE_MS = 30_000;
const NO_COLLECTOR: Collector = { releaseWithoutCommand: false, timeoutMs: 60_000 };

type Outcome = Pick<ItemOutcome, 'outcome' | 'message'>;

/** Does what a plan says about one allocation, if it has not changed since and still qualifies. */
export async function collectItem(context: TrackerContext, item: PlanItem, signal: AbortSignal): Promise<ItemOutcome> {
  const { allocationId, action } = item;
  const stored = await context.collections.allocations.get(allocationId);
  const outcome = stored?.revision === item.etag ? await collect(context, item, stored, signal) : changed();
  return { allocationId, action, ...outcome };
}

async function collect(
  context: TrackerContext,
  item: PlanItem,
  stored: Stored<Allocation>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { collections, clock, settings } = context;
  const leaks = [];
  for await (const { value } of allLeaks(collections.leaks, { allocationId: item.allocationId })) leaks.push(value);
  const [candidate] = await qualify(context, [{ stored, leaks }]);
  const next = candidate && stepOf(candidate, clock.now());
  if (next === undefined) return unqualified('it does not leak any more');
  if ('none' in next) return unqualified(next.none);
  if (next.step !== item.action) return unqualified(`the next step is ${next.step}`);
  const collector = settings.collect.kinds.get(item.kind) ?? NO_COLLECTOR;
  switch (item.action) {
    case 'MARK':
      return replaced(context, stored, mark(stored.value, next.rule, settings.collect.graceMs, clock.now()));
    case 'NOTIFY':
      return notify(context, item, stored, collector, signal);
    case 'DELETE':
      return remove(context, item, stored, collector, signal);
  }
}

/** Tells the owner by the kind's command, else by the log. It may be told twice when somebody else is faster after that. */
async function notify(
  context: TrackerContext,
  item: PlanItem,
  stored: Stored<Allocation>,
  { notify: command, timeoutMs }: Collector,
  signal: AbortSignal,
): Promise<Outcome> {
  const { value } = stored;
  const { id, owner, kind, collection } = value;
  if (command === undefined) {
    const dueTime = new Date(collection?.dueMs ?? 0).toISOString();
    context.logger.warn(
      { allocation: id, owner, kind, rule: item.rule, dueTime },
      'a leaked allocation will be deleted',
    );
  } else {
    const { ok, message } = await context.runner.run(command, envOf(value, item), timeoutMs, signal);
    if (!ok) return { outcome: 'FAILED', message: `the owner could not be told: ${message}` };
  }
  return replaced(context, stored, notified(value, context.clock.now()));
}

/** Deletes it by the kind's command; without one its end is recorded, where the kind allows that. */
async function remove(
  context: TrackerContext,
  item: PlanItem,
  stored: Stored<Allocation>,
  collector: Collector,
  signal: AbortSignal,
): Promise<Outcome> {
  const { value } = stored;
  const nowMs = context.clock.now();
  if (collector.delete === undefined) {
    const gone = collector.releaseWithoutCommand ? deleted(value, item.rule, nowMs) : undefined;
    return gone === undefined ? unqualified('its kind has no command to delete it') : replaced(context, stored, gone);
  }
  // From here on its owner cannot extend it any more; who was faster has made the etag stale.
  const untilMs = nowMs + collector.timeoutMs + NOTE_MS;
  const begun = await replaced(context, stored, deleting(value, untilMs, nowMs));
  if (begun.outcome !== 'DONE') return begun;
  await context.failpoint('tracker.deleteBegun');
  const { ok, message } = await context.runner.run(collector.delete, envOf(value, item), collector.timeoutMs, signal);
  await noteEnd(context, value.id, (now) =>
    ok ? deleted(now, item.rule, context.clock.now()) : deleteFailed(now, message, context.clock.now()),
  );
  if (ok) return { outcome: 'DONE', message: '' };
  // Listed at once, not only after the next sweep (which finds it there, or adds it if this process dies here).
  await context.collections.leaks.insert([leakOf('L7', value, context.clock.now())]);
  return { outcome: 'FAILED', message };
}

/** Notes what became of it, whatever else happened to it while the command ran. */
async function noteEnd(
  context: TrackerContext,
  id: string,
  plan: (allocation: Allocation) => Allocation | undefined,
): Promise<void> {
  const command = { id, key: NO_KEY, plan: ({ value }: Stored<Allocation>) => plan(value) };
  await settleOne(context.collections.allocations, command, optionsOf(context, context.clock.now()));
}

const NO_KEY = { id: '', fingerprint: '' };

function envOf({ id, kind, owner, externalId = '' }: Allocation, { rule }: PlanItem): Readonly<Record<string, string>> {
  return {
    BERTH_ALLOCATION_ID: id,
    BERTH_ALLOCATION_KIND: kind,
    BERTH_ALLOCATION_OWNER: owner,
    BERTH_ALLOCATION_EXTERNAL_ID: externalId,
    BERTH_ALLOCATION_RULE: rule,
  };
}

async function replaced(
  { collections }: TrackerContext,
  { revision }: Stored<Allocation>,
  next: Allocation,
): Promise<Outcome> {
  const { outcome } = await collections.allocations.replace(next, revision);
  return outcome === 'replaced' ? { outcome: 'DONE', message: '' } : changed();
}

function changed(): Outcome {
  return { outcome: 'SKIPPED_CHANGED', message: 'it changed since the plan was made' };
}

function unqualified(message: string): Outcome {
  return { outcome: 'SKIPPED_NOT_QUALIFIED', message };
}
