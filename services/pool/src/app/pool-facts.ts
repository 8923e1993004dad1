import { pages } from '@berth/documents';
import type { Clock } from '@berth/kernel';
import type { PoolInForce } from '../domain/in-force.js';
import type { PoolDocument } from '../domain/pool-document.js';
import { newPoolDocument } from '../domain/pool-document.js';
import type { Resource, ResourceState } from '../domain/resource.js';
import type { Collection } from '../ports/collections.js';
import type { PoolsInForce } from './pools-in-force.js';

/** What the use cases of pools work with. */
export interface PoolContext {
  readonly inForce: PoolsInForce;
  readonly pools: Collection<PoolDocument>;
  readonly resources: Collection<Resource>;
  readonly clock: Clock;
}

/** A pool with what is stored of it, and what it has. */
export interface PoolFacts extends PoolInForce {
  readonly document: PoolDocument;
  /** How many of its resources are in a state; none in ENDED. */
  readonly counts: ReadonlyMap<ResourceState, number>;
  /** How many are UP and not leased. */
  readonly free: number;
  readonly taken: number;
}

const PAGE = 500;

/** The pools after a name, by name; `next` is what to go on after. */
export async function listPools(
  context: PoolContext,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly documents: readonly PoolFacts[]; readonly next: string | undefined }> {
  const later = context.inForce.all.filter(({ options }) => options.name > after);
  const page = later.slice(0, limit);
  const documents = await Promise.all(page.map((pool) => factsOf(context, pool)));
  return { documents, next: later.length > page.length ? page.at(-1)?.options.name : undefined };
}

/** A pool by its name. Throws NO_SUCH_POOL. */
export function getPool(context: PoolContext, name: string): Promise<PoolFacts> {
  return factsOf(context, context.inForce.named(name));
}

async function factsOf({ pools, resources, clock }: PoolContext, pool: PoolInForce): Promise<PoolFacts> {
  const { name } = pool.options;
  const document = (await pools.get(name))?.value ?? newPoolDocument(name, clock.now());
  const counts = new Map<ResourceState, number>();
  let [free, taken] = [0, 0];
  // Live resources have their numbers in the pool. A pool may be named like the beginning of another.
  const query = { where: { liveIdInPool: { prefix: `${name}/` } }, limit: PAGE };
  for await (const page of pages(resources, query)) {
    for (const { value } of page.filter((stored) => stored.value.pool === name)) {
      counts.set(value.state, (counts.get(value.state) ?? 0) + 1);
      if (value.lease !== undefined) taken += 1;
      else if (value.state === 'UP') free += 1;
    }
  }
  return { ...pool, document, counts, free, taken };
}
