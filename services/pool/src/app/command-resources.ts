import type { Command } from '@berth/documents';
import { carryOut, carryOutOne, pages, storedOf } from '@berth/documents';
import type { RequestKey } from '@berth/kernel';
import { BerthError, requestIdReused } from '@berth/kernel';
import * as life from '../domain/life.js';
import type { Resource, ResourceState } from '../domain/resource.js';
import type { Deletion } from '../ports/collections.js';
import type { ResourceContext } from './resource-context.js';

/** Which resources are to go: some by number, all, or those that nobody has. */
export type Victims = readonly number[] | 'all' | 'unused';

const PAGE = 500;
const GOING: readonly ResourceState[] = ['DELETING', 'DELETE_FAILED', 'ENDED'];
const STAYING: readonly ResourceState[] = ['STARTING', 'UP', 'RELEASING'];

/** Has resources deleted. Resolves to the numbers of those that go by this call. Throws NO_SUCH_RESOURCE. */
export async function deleteResources(
  context: ResourceContext,
  victims: Victims,
  reason: string,
  key: RequestKey,
): Promise<readonly number[]> {
  const nowMs = context.clock.now();
  const numbers = await chosen(context, victims, key, nowMs);
  const commands = numbers.map((number): Command<Resource> => {
    const plan: Command<Resource>['plan'] = ({ value }) => {
      if (GOING.includes(value.state)) return undefined;
      const next = victims === 'unused' ? life.doomUnused(value, reason, nowMs) : life.doom(value, reason, nowMs);
      return next === value ? undefined : next;
    };
    // A request id is that of one document.
    return { id: String(number), key: key.id === '' ? key : { ...key, id: `${key.id}/${number}` }, plan };
  });
  const answers = await carryOut(context.resources, commands, optionsOf(context));
  for (const answer of answers) storedOf(answer);
  context.changes.tell(numbers.map(String));
  return numbers;
}

/** The numbers of those that are to go, and do not yet; of the repeat of a call those of its first time. */
async function chosen(
  context: ResourceContext,
  victims: Victims,
  key: RequestKey,
  timeMs: number,
): Promise<readonly number[]> {
  const { deletions } = context;
  const before = key.id === '' ? undefined : await deletions.get(key.id);
  if (before !== undefined) return numbersOf(before.value, key);
  const found = typeof victims === 'string' ? await findAll(context, victims) : await findEach(context, victims);
  const numbers = found.map(({ number }) => number).sort((a, b) => a - b);
  if (key.id === '') return numbers;
  const { id, fingerprint } = key;
  const [result] = await deletions.insert([{ id, fingerprint, numbers, timeMs }]);
  const first = result?.outcome === 'duplicate' ? await deletions.get(id) : undefined;
  return first === undefined ? numbers : numbersOf(first.value, key);
}

function numbersOf({ fingerprint, numbers }: Deletion, key: RequestKey): readonly number[] {
  if (fingerprint !== key.fingerprint) throw requestIdReused(key.id);
  return numbers;
}

/** Has the deletion of a resource tried again now. Throws NO_SUCH_RESOURCE, RESOURCE_NOT_DELETING. */
export function retryDelete(context: ResourceContext, number: number, key: RequestKey): Promise<Resource> {
  return command(context, number, key, (resource) => life.retriedNow(resource, context.clock.now()));
}

/** Notes that a resource is gone, as an operator says. Throws NO_SUCH_RESOURCE, RESOURCE_NOT_DELETING. */
export function forgetResource(
  context: ResourceContext,
  number: number,
  reason: string,
  key: RequestKey,
): Promise<Resource> {
  return command(context, number, key, (resource) => life.forgotten(resource, reason, context.clock.now()));
}

async function command(
  context: ResourceContext,
  number: number,
  key: RequestKey,
  plan: (resource: Resource) => Resource,
): Promise<Resource> {
  const id = String(number);
  const checked: Command<Resource>['plan'] = ({ value }) => {
    if (value.state !== 'DELETING' && value.state !== 'DELETE_FAILED') throw notDeleting(value);
    return plan(value);
  };
  const { value } = await carryOutOne(context.resources, { id, key, plan: checked }, optionsOf(context));
  context.changes.tell([id]);
  return value;
}

async function findAll({ resources }: ResourceContext, victims: 'all' | 'unused'): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  const states = victims === 'all' ? STAYING : (['UP'] as const);
  for await (const page of pages(resources, { where: { state: { in: states } }, limit: PAGE })) {
    for (const { value } of page) if (victims === 'all' || value.lease === undefined) found.push(value);
  }
  return found;
}

async function findEach({ resources }: ResourceContext, numbers: readonly number[]): Promise<readonly Resource[]> {
  const found = (await resources.getMany(numbers.map(String))).map(({ value }) => value);
  for (const number of numbers) {
    if (!found.some((resource) => resource.number === number)) throw noSuchResource(String(number));
  }
  return found.filter(({ state }) => !GOING.includes(state));
}

function optionsOf({ clock, requestIdTtlMs }: ResourceContext) {
  return { nowMs: clock.now(), keepAnswersMs: requestIdTtlMs, notFound: noSuchResource };
}

function noSuchResource(id: string): BerthError {
  const message = `there is no resource ${id}; list them with 'berth resource-list'. Nothing was changed.`;
  return new BerthError('NO_SUCH_RESOURCE', message, { resource: { type: 'resource', name: id } });
}

function notDeleting({ id, name, state }: Resource): BerthError {
  const next = state === 'ENDED' ? 'It is gone already.' : `Delete it with 'berth resource-delete ${id}'.`;
  return new BerthError(
    'RESOURCE_NOT_DELETING',
    `resource ${id} (${name}) is ${state}; only one that is being deleted can be forgotten or tried again. ${next}`,
    { resource: { type: 'resource', name }, metadata: { state } },
  );
}
