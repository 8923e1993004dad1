import type { Allocation, AllocationState, Pairs } from '../domain/index.js';
import { noSuchAllocation } from '../domain/index.js';
import type { Found, Stored, Where } from '../ports/collections.js';
import type { TrackerContext } from './tracker-context.js';

/** Which allocations; all that is there must hold. An empty list is any. */
export interface AllocationFilter {
  readonly kinds: readonly string[];
  readonly owners: readonly string[];
  readonly states: readonly AllocationState[];
  readonly labels: Pairs;
  readonly group?: string;
  readonly externalId?: string;
  readonly application?: string;
  readonly parent?: string;
  readonly createdFromMs?: number;
  readonly createdUntilMs?: number;
}

export interface FindOptions {
  readonly descending: boolean;
  readonly after?: string | undefined;
  readonly limit: number;
}

export async function getAllocation({ collections }: TrackerContext, id: string): Promise<Stored<Allocation>> {
  const stored = await collections.allocations.get(id);
  if (stored === undefined) throw noSuchAllocation(id);
  return stored;
}

/**
 * Some allocations that a filter lets through, by the time they were registered: at most `limit`, perhaps fewer although
 * there are more (`next` tells).
 */
export async function findAllocations(
  { collections }: TrackerContext,
  filter: AllocationFilter,
  { descending, after, limit }: FindOptions,
): Promise<Found<Allocation>> {
  const query = { where: whereOf(filter), orderBy: { field: 'createMs', descending }, limit };
  const found = await collections.allocations.find(after === undefined ? query : { ...query, after });
  const documents = found.documents.filter(({ value }) => passes(value, filter));
  return { documents, next: found.next };
}

/** Whether a filter lets an allocation through. */
export function passes(allocation: Allocation, filter: AllocationFilter): boolean {
  const { kinds, owners, states, labels, createdFromMs = -Infinity, createdUntilMs = Infinity } = filter;
  return (
    (kinds.length === 0 || kinds.includes(allocation.kind)) &&
    (owners.length === 0 || owners.includes(allocation.owner)) &&
    (states.length === 0 || states.includes(allocation.state)) &&
    SINGLE.every((field) => filter[field] === undefined || filter[field] === allocation[field]) &&
    allocation.createMs >= createdFromMs &&
    allocation.createMs < createdUntilMs &&
    hasLabels(allocation, labels)
  );
}

const NARROW = ['parent', 'externalId', 'group'] as const;
const SINGLE = [...NARROW, 'application'] as const;

/**
 * The conditions of one index, the narrowest that the filter allows; what it finds is checked for the rest. With all of them
 * an engine may choose the wrong one, and go through every lease to find an owner's.
 */
function whereOf(filter: AllocationFilter): Where {
  const { createdFromMs, createdUntilMs } = filter;
  const created = {
    ...(createdFromMs !== undefined && { from: createdFromMs }),
    ...(createdUntilMs !== undefined && { until: createdUntilMs }),
  };
  return { ...narrowest(filter), ...(Object.keys(created).length > 0 && { createMs: created }) };
}

function narrowest({ labels, owners, kinds, states, ...filter }: AllocationFilter): Where {
  for (const field of NARROW) if (filter[field] !== undefined) return { [field]: filter[field] };
  if (labels[0] !== undefined) return { labels: labels[0] };
  if (owners.length === 1) return oneOf('owner', owners);
  if (filter.application !== undefined) return { application: filter.application };
  if (kinds.length === 1) return oneOf('kind', kinds);
  if (states.length === 1) return oneOf('state', states);
  // A list of values is in no index's order: that it leaves out what is not meant is worth more.
  return { ...oneOf('owner', owners), ...oneOf('kind', kinds), ...oneOf('state', states) };
}

function oneOf(field: string, values: readonly string[]): Where {
  const [first] = values;
  if (first === undefined) return {};
  return { [field]: values.length === 1 ? first : { in: values } };
}

function hasLabels(allocation: Allocation, labels: Pairs): boolean {
  return labels.every((label) => allocation.labels.includes(label));
}
