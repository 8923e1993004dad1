import type { Resource } from './resource.js';

/** The numbers of a new resource besides its own. */
export interface Numbers {
  readonly idInPool: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** The smallest numbers that no live resource has: `id_in_pool` in its pool, each named counter in all pools. */
export function freeNumbers(pool: string, namedCounters: readonly string[], live: Iterable<Resource>): Numbers {
  const ids = new Set<number>();
  const taken = new Map(namedCounters.map((name) => [name, new Set<number>()]));
  for (const { pool: its, idInPool, counters } of live) {
    if (its === pool) ids.add(idInPool);
    for (const [name, value] of Object.entries(counters)) taken.get(name)?.add(value);
  }
  const counters = [...taken].map(([name, values]) => [name, smallestFree(values)] as const);
  return { idInPool: smallestFree(ids), counters: Object.fromEntries(counters) };
}

function smallestFree(taken: ReadonlySet<number>): number {
  let number = 0;
  while (taken.has(number)) number += 1;
  return number;
}
