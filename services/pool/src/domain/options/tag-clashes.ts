import type { PoolOptions } from './options.js';

/** A tag that is made on demand in one pool, and by itself in another one or in the same. */
export interface TagClash {
  readonly tag: string;
  /** The pool with the tag in `tags_on_demand`, and its place in that list. */
  readonly onDemand: { readonly pool: string; readonly at: number };
  /** The pool with the tag in `tags`, and its place in that list. */
  readonly always: { readonly pool: string; readonly at: number };
}

/**
 * The tags that are both: of a request for one it could not be told whether it may start resources of a pool that makes them
 * only on demand. Each place in `tags` once.
 */
export function tagClashes(pools: readonly Pick<PoolOptions, 'name' | 'tags' | 'tagsOnDemand'>[]): readonly TagClash[] {
  const onDemand = new Map(
    pools.flatMap(({ name: pool, tagsOnDemand }) => tagsOnDemand.map(({ name }, at) => [name, { pool, at }] as const)),
  );
  return pools.flatMap(({ name: pool, tags }) =>
    tags.flatMap(({ name: tag }, at) => {
      const found = onDemand.get(tag);
      return found === undefined ? [] : { tag, onDemand: found, always: { pool, at } };
    }),
  );
}
