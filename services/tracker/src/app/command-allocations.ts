import type { Answer, Command, CommandOptions } from '@berth/documents';
import { carryOut, EarlierAnswers, madeByRequests, pages, storedOf } from '@berth/documents';
import type { By, RequestKey } from '@berth/kernel';
import { BerthError, requestIdReused, requireOwner } from '@berth/kernel';
import type { Allocation, Transition } from '../domain/index.js';
import { noSuchAllocation, release, staleEtag } from '../domain/index.js';
import type { Stored, TrackerCollections } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

const PAGE = 1000;

/** A command on one allocation. */
export interface AllocationCommand {
  readonly id: string;
  readonly key: RequestKey;
  readonly transition: Transition;
  /** What is to be done, as in "confirm an allocation". */
  readonly deed: string;
  /** Only this version; absent = any. */
  readonly etag?: string | undefined;
}

export type AllocationAnswer = Answer<Allocation>;

/**
 * Carries out commands on allocations, each for itself; concurrent ones on one allocation are decided one after another.
 * Answers in the order of the commands; throws STORE_UNAVAILABLE.
 */
export async function commandAllocations(
  context: TrackerContext,
  commands: readonly AllocationCommand[],
  by: By,
): Promise<readonly AllocationAnswer[]> {
  const nowMs = context.clock.now();
  const keys = commands.map(({ key }) => key);
  const registered = await madeByRequests(context.collections.allocations, keys);
  const planned = commands.map(({ id, key, transition, deed, etag }): Command<Allocation> => {
    const plan = ({ value, revision }: Stored<Allocation>): Allocation | undefined => {
      requireOwner(value.owner, by, deed);
      if (registered.has(key.id)) throw requestIdReused(key.id);
      if (etag !== undefined && etag !== revision) throw staleEtag(value, etag, revision);
      const next = transition(value, by.actor, nowMs);
      // When it was told counts for its deadline and its history; when it is written for those who watch.
      return next && { ...next, updateMs: context.clock.now() };
    };
    return { id, key, plan };
  });
  const answers = await carryOut(context.collections.allocations, planned, optionsOf(context, nowMs));
  await context.failpoint('tracker.commandsWritten');
  context.changes.tell(commands.map(({ id }) => id));
  return answers;
}

/** Carries out one command. Throws why it was refused. */
export async function commandAllocation(
  context: TrackerContext,
  command: AllocationCommand,
  by: By,
): Promise<Stored<Allocation>> {
  const [answer] = await commandAllocations(context, [command], by);
  return storedOf(answer ?? { error: noSuchAllocation(command.id) });
}

export interface Attributes {
  readonly owner: string;
  readonly kind: string;
  readonly externalId: string;
}

/** Releases the one ALLOCATED thing with these attributes. Throws NOT_ONE_MATCH with their count. */
export async function releaseByAttributes(
  context: TrackerContext,
  attributes: Attributes,
  key: RequestKey,
  by: By,
): Promise<Stored<Allocation>> {
  requireOwner(attributes.owner, by, 'release an allocation');
  const { collections } = context;
  const before = await earlierAnswers(collections).documentOf(collections.allocations, key);
  if (before !== undefined) return before;
  const matches = await allocatedWith(context, attributes);
  const [match] = matches;
  if (match === undefined || matches.length > 1) throw notOneMatch(attributes, matches.length);
  const command = { id: match.value.id, key, transition: release(''), deed: 'release an allocation' };
  return commandAllocation(context, command, by);
}

/**
 * The allocations that are ALLOCATED with these attributes: by what is live, since a name may have been had by many before.
 */
async function allocatedWith(
  { collections }: TrackerContext,
  { owner, kind, externalId }: Attributes,
): Promise<readonly Stored<Allocation>[]> {
  const matches: Stored<Allocation>[] = [];
  for await (const page of pages(collections.allocations, { where: { liveKind: kind, externalId }, limit: PAGE })) {
    matches.push(...page.filter(({ value }) => value.owner === owner && value.state === 'ALLOCATED'));
  }
  return matches;
}

export function optionsOf({ settings, collections }: TrackerContext, nowMs: number): CommandOptions {
  const earlier = earlierAnswers(collections);
  return { nowMs, keepAnswersMs: settings.requestIdTtlMs, notFound: noSuchAllocation, earlier };
}

export function earlierAnswers(collections: TrackerCollections) {
  return new EarlierAnswers(collections.earlierAnswers, 'allocationId');
}

function notOneMatch({ owner, kind, externalId }: Attributes, count: number): BerthError {
  const [found, are] = count === 0 ? ['nothing', 'is'] : [`${count} allocations`, 'are'];
  const description = `${found} of ${owner} with kind '${kind}' and external id '${externalId}' ${are} ALLOCATED, not exactly one`;
  return new BerthError('NOT_ONE_MATCH', `${description}; list them and release by id.`, {
    preconditions: [{ type: 'MATCHES', subject: externalId, description }],
    metadata: { count: String(count) },
  });
}
