import type { Command } from '@berth/documents';
import { carryOut, carryOutOne, pages, storedOf } from '@berth/documents';
import type { RequestKey } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import * as life from '../domain/life.js';
import type { Resource, ResourceState } from '../domain/resource.js';
import type { ResourceContext } from './resource-context.js';

/** Which resources are to go: some by number, all, or those that nobody has. */
export type Victims = readonly number[] | 'all' | 'unused';

const PAGE = 500;
const GOING: readonly ResourceState[] = ['DELETING', 'DELETE_FAILED', 'ENDED'];
const STAYING: readonly ResourceState[] = ['STARTING', 'UP', 'RELEASING'];

/** Has resources deleted. Resolves to the numbers of those that go by this call, or by its first time. Throws NO_SUCH_RESOURCE. */
export async function deleteResources(
  context: ResourceContext,
  victims: Victims,
  reason: string,
  key: RequestKey,
): Promise<readonly number[]> {
  const ids = typeof victims === 'string' ? await findIds(context, victims) : victims.map(String);
  if (typeof victims !== 'string') await requireAll(context, ids);
  const nowMs = context.clock.now();
  const going = new Set<string>();
  const commands = ids.map((id): Command<Resource> => {
    return {
      id,
      // A request id is that of one document.
      key: key.id === '' ? key : { ...key, id: `${key.id}/${id}` },
      plan: ({ value }) => {
        if (GOING.includes(value.state)) return undefined;
        const next = victims === 'unused' ? life.doomUnused(value, reason, nowMs) : life.doom(value, reason, nowMs);
        if (next.doom?.timeMs === nowMs) going.add(id);
        return next === value ? undefined : next;
      },
    };
  });
  for (const answer of await carryOut(context.resources, commands, optionsOf(context))) {
    const { value } = storedOf(answer);
    // The repeat of a call is answered like its first time.
    if (value.doom?.reason === reason && key.id !== '') going.add(value.id);
  }
  context.changes.tell(ids);
  return [...going].map(Number).sort((a, b) => a - b);
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

async function findIds({ resources }: ResourceContext, victims: 'all' | 'unused'): Promise<readonly string[]> {
  const ids: string[] = [];
  const states = victims === 'all' ? STAYING : (['UP'] as const);
  for await (const page of pages(resources, { where: { state: { in: states } }, limit: PAGE })) {
    for (const { value } of page) if (victims === 'all' || value.lease === undefined) ids.push(value.id);
  }
  return ids;
}

async function requireAll({ resources }: ResourceContext, ids: readonly string[]): Promise<void> {
  const found = new Set((await resources.getMany(ids)).map(({ value }) => value.id));
  for (const id of ids) if (!found.has(id)) throw noSuchResource(id);
}

function optionsOf({ clock, requestIdTtlMs }: ResourceContext) {
  return { nowMs: clock.now(), keepAnswersMs: requestIdTtlMs, notFound: noSuchResource };
}

function noSuchResource(id: string): BerthError {
  const message = `there is no resource ${id}; list them with 'berth resource-list'. Nothing was changed.`;
  return new BerthError('NO_SUCH_RESOURCE', message, { resource: { type: 'resource', name: id } });
}

function notDeleting({ id, name, state }: Resource): BerthError {
  return new BerthError(
    'RESOURCE_NOT_DELETING',
    `resource ${id} (${name}) is ${state}; only one that is being deleted can be forgotten or tried again. Delete it with 'berth resource-delete ${id}'.`,
    { resource: { type: 'resource', name }, metadata: { state } },
  );
}
