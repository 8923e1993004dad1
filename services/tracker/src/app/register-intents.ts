import { inChunks, insertEachOnce, storedOf } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { BerthError, orderedId, requestIdReused, requireOwner } from '@berth/kernel';
import type { Allocation, Group, IntentSpec } from '../domain/index.js';
import { newIntent, noSuchGroup, requireOpen } from '../domain/index.js';
import type { Stored } from '../ports/collections.js';
import type { AllocationAnswer } from './command-allocations.js';
import { earlierAnswers } from './command-allocations.js';
import type { TrackerContext } from './tracker-context.js';

/** One intent to register. */
export interface IntentRequest {
  readonly spec: IntentSpec;
  readonly timeoutMs: number;
  readonly key: RequestKey;
}

/**
 * Registers intents, each for itself: it is there wholly or not at all. A request id that came before adds nothing, and
 * answers with what it added. Answers in the order of the requests; throws STORE_UNAVAILABLE.
 */
export async function registerIntents(
  context: TrackerContext,
  requests: readonly IntentRequest[],
  by: By,
): Promise<readonly AllocationAnswer[]> {
  const refused = await refusals(context, requests, by);
  const nowMs = context.clock.now();
  const planned: string[] = [];
  const inserts = requests.map(({ key, spec, timeoutMs }, i) => {
    const plan = (): Allocation => {
      const error = refused.get(i);
      if (error !== undefined) throw error;
      const id = orderedId('al', nowMs);
      planned.push(id);
      // Watchers look back only so far: what is written late must not look as if it had been there for long.
      return { ...newIntent({ id, spec, timeoutMs }, by.actor, nowMs), updateMs: context.clock.now() };
    };
    return { key, plan };
  });
  const answers = await insertEachOnce(context.collections.allocations, inserts);
  await context.failpoint('tracker.intentsInserted');
  context.changes.tell(planned);
  return answers;
}

/** Registers one intent. Throws why it was refused. */
export async function registerIntent(
  context: TrackerContext,
  request: IntentRequest,
  by: By,
): Promise<Stored<Allocation>> {
  const [answer] = await registerIntents(context, [request], by);
  return storedOf(answer ?? { error: requestIdReused(request.key.id) });
}

/** What registering would give. Throws what it would throw. */
export async function rehearseIntent(context: TrackerContext, request: IntentRequest, by: By): Promise<Allocation> {
  const refused = (await refusals(context, [request], by)).get(0);
  if (refused !== undefined) throw refused;
  const { spec, timeoutMs } = request;
  return newIntent({ id: '', spec, timeoutMs }, by.actor, context.clock.now());
}

/**
 * The requests that may not be registered, and why: not the caller's, their group closed, their id used by another command.
 */
async function refusals(
  context: TrackerContext,
  requests: readonly IntentRequest[],
  by: By,
): Promise<ReadonlyMap<number, BerthError>> {
  const refused = new Map<number, BerthError>();
  const groups = await groupsOf(context, requests);
  const commands = await idsOfCommands(context, requests);
  for (const [i, { spec, key }] of requests.entries()) {
    try {
      requireOwner(spec.owner, by, 'register an allocation');
      if (spec.group !== undefined) {
        const group = groups.get(spec.group);
        if (group === undefined) throw noSuchGroup(spec.group);
        requireOpen(group);
      }
      if (commands.has(key.id)) throw requestIdReused(key.id);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      refused.set(i, error);
    }
  }
  return refused;
}

async function groupsOf(
  { collections }: TrackerContext,
  requests: readonly IntentRequest[],
): Promise<ReadonlyMap<string, Group>> {
  const ids = [...new Set(requests.flatMap(({ spec }) => spec.group ?? []))];
  const found = ids.length === 0 ? [] : await collections.groups.getMany(ids);
  return new Map(found.map(({ value }) => [value.id, value]));
}

/** The request ids that a later command on an allocation had. */
async function idsOfCommands(
  { collections }: TrackerContext,
  requests: readonly IntentRequest[],
): Promise<ReadonlySet<string>> {
  const ids = requests.flatMap(({ key }) => (key.id === '' ? [] : key.id));
  const used = new Set<string>();
  for (const chunk of inChunks(ids)) {
    const where = { answeredIds: { in: chunk } };
    const [{ documents }, earlier] = await Promise.all([
      collections.allocations.find({ where, limit: chunk.length }),
      earlierAnswers(collections).find(chunk),
    ]);
    for (const { value } of documents) for (const id of value.answeredIds ?? []) used.add(id);
    for (const { id } of earlier) used.add(id);
  }
  return used;
}
