import { inChunks } from '@berth/documents';
import type { By } from '@berth/kernel';
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
  /** Empty = not repeatable. */
  readonly requestId: string;
  readonly fingerprint: string;
}

/** Written at once. */
const WRITE = 1000;

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
  const fresh = requests.flatMap((request, i) =>
    refused.has(i) ? [] : [{ i, document: intentOf(request, by, nowMs) }],
  );
  const answers = new Map<number, AllocationAnswer>([...refused].map(([i, error]) => [i, { error }]));
  const repeats: number[] = [];
  const inserted: string[] = [];
  for (let from = 0; from < fresh.length; from += WRITE) {
    // Watchers look back only so far: what is written late must not look as if it had been there for long.
    const updateMs = context.clock.now();
    const part = fresh.slice(from, from + WRITE).map(({ i, document }) => ({ i, document: { ...document, updateMs } }));
    const results = await context.collections.allocations.insert(part.map(({ document }) => document));
    for (const [at, { i, document }] of part.entries()) {
      const result = results[at];
      if (result?.outcome === 'inserted') {
        answers.set(i, { stored: { value: document, revision: result.revision } });
        inserted.push(document.id);
      } else repeats.push(i);
    }
  }
  await context.failpoint('tracker.intentsInserted');
  // A refusal holds only for what is new: a repeat answers as before, also when its group was closed meanwhile.
  const refusedRepeats = [...refused.keys()].filter((i) => requests[i]?.requestId !== '');
  await answerRepeats(context, requests, [...repeats, ...refusedRepeats], answers);
  context.changes.tell(inserted);
  return requests.map((request, i) => answers.get(i) ?? { error: requestIdReused(request.requestId) });
}

/** What registering would give. Throws what it would throw. */
export async function rehearseIntent(context: TrackerContext, request: IntentRequest, by: By): Promise<Allocation> {
  const refused = (await refusals(context, [request], by)).get(0);
  if (refused !== undefined) throw refused;
  return { ...intentOf(request, by, context.clock.now()), id: '' };
}

function intentOf({ spec, timeoutMs, requestId, fingerprint }: IntentRequest, by: By, nowMs: number): Allocation {
  const request = requestId === '' ? {} : { request: requestId, fingerprint };
  return newIntent({ id: orderedId('al', nowMs), spec, timeoutMs, ...request }, by.actor, nowMs);
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
  for (const [i, { spec, requestId }] of requests.entries()) {
    try {
      requireOwner(spec.owner, by, 'register an allocation');
      if (spec.group !== undefined) {
        const group = groups.get(spec.group);
        if (group === undefined) throw noSuchGroup(spec.group);
        requireOpen(group);
      }
      if (commands.has(requestId)) throw requestIdReused(requestId);
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
  const ids = requests.flatMap(({ requestId }) => (requestId === '' ? [] : [requestId]));
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

async function answerRepeats(
  { collections }: TrackerContext,
  requests: readonly IntentRequest[],
  repeats: readonly number[],
  answers: Map<number, AllocationAnswer>,
): Promise<void> {
  const before = new Map<string, Stored<Allocation>>();
  for (const chunk of inChunks(repeats.map((i) => requests[i]?.requestId ?? ''))) {
    const { documents } = await collections.allocations.find({
      where: { request: { in: chunk } },
      limit: chunk.length,
    });
    for (const stored of documents) before.set(stored.value.request ?? '', stored);
  }
  for (const i of repeats) {
    const { requestId = '', fingerprint = '' } = requests[i] ?? {};
    const stored = before.get(requestId);
    if (stored === undefined) continue;
    const same = stored.value.fingerprint === fingerprint;
    answers.set(i, same ? { stored } : { error: requestIdReused(requestId) });
  }
}
