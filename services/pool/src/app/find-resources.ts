import type { Resource, ResourceState } from '../domain/resource.js';
import type { Found } from '../ports/collections.js';
import type { ResourceContext } from './resource-context.js';

export interface ResourceQuery {
  /** Absent = of all pools. */
  readonly pool?: string | undefined;
  readonly states: readonly ResourceState[];
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Resources by number. */
export function findResources(
  { resources }: ResourceContext,
  { pool, states, after, limit }: ResourceQuery,
): Promise<Found<Resource>> {
  const where = { ...(pool !== undefined && { pool }), state: { in: states } };
  return resources.find({ where, orderBy: { field: 'number' }, limit, ...(after !== undefined && { after }) });
}

/** Resources that could not be deleted, the oldest leak first. */
export function findLeaks(
  { resources }: ResourceContext,
  { pool, after, limit }: Omit<ResourceQuery, 'states'>,
): Promise<Found<Resource>> {
  const where = { ...(pool !== undefined && { pool }), state: 'DELETE_FAILED' };
  return resources.find({ where, orderBy: { field: 'leakMs' }, limit, ...(after !== undefined && { after }) });
}
