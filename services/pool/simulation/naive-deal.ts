import type { Coming, DealPool } from '../src/domain/deal.js';
import type { Lack } from '../src/domain/supply.js';

/** What the page says of a deal, written down without a thought for speed. */
export interface NaiveDeal {
  /** Lacks that nothing which comes can meet, one entry a bench, the best request's first. */
  readonly left: readonly Lack[];
  readonly starts: readonly string[];
  readonly againMs: number;
}

/** A deal; `paired` tells which of several equally good pairings is meant, since what is unpaired counts as made ahead. */
export function naiveDeal(
  pools: readonly DealPool[],
  coming: readonly Coming[],
  lacks: readonly Lack[],
  nowMs: number,
  paired: ReadonlySet<number>,
): NaiveDeal {
  const kept: Lack[] = [];
  const left: Lack[] = [];
  for (const lack of lacks.flatMap((one) => Array<Lack>(one.count).fill(one))) {
    if (canMeetAll([...kept, lack], coming)) kept.push(lack);
    else left.push(lack);
  }
  const state = pools.map((pool) => ({ pool, room: pool.room, notBeforeMs: pool.notBeforeMs }));
  const starts: string[] = [];
  let againMs = Infinity;
  const start = (one: (typeof state)[number]): void => {
    one.room -= 1;
    if (one.notBeforeMs > nowMs) againMs = Math.min(againMs, one.notBeforeMs);
    else {
      starts.push(one.pool.name);
      if (one.pool.startDelayMs > 0) one.notBeforeMs = nowMs + one.pool.startDelayMs;
    }
  };
  for (const lack of left) {
    const weightIn = (name: string): number | undefined => lack.offers.find(({ pool }) => pool === name)?.weight;
    const [best] = state
      .filter(({ pool, room }) => room > 0 && weightIn(pool.name) !== undefined && isAskedFor(pool, lack))
      .toSorted(
        (a, b) => (weightIn(b.pool.name) ?? 0) - (weightIn(a.pool.name) ?? 0) || (a.pool.name < b.pool.name ? -1 : 1),
      );
    if (best !== undefined) start(best);
  }
  for (const one of state) {
    const { name, onDemand, maxPrealloc, ready } = one.pool;
    if (onDemand.size > 0) continue;
    let ahead =
      ready + coming.filter((thing) => thing.pool === name && thing.isNew && !paired.has(thing.number)).length;
    while (ahead < maxPrealloc && one.room > 0) {
      start(one);
      ahead += 1;
    }
  }
  return { left, starts, againMs };
}

function isAskedFor({ onDemand }: DealPool, { attributes }: Lack): boolean {
  return onDemand.size === 0 || attributes.some((name) => onDemand.has(name));
}

/** Whether different things can meet all of these, by trying everything. */
export function canMeetAll(lacks: readonly Lack[], coming: readonly Coming[]): boolean {
  const [lack, ...others] = lacks;
  if (lack === undefined) return true;
  return coming.some(
    (thing) =>
      lack.offers.some(({ pool }) => pool === thing.pool) &&
      lack.attributes.every((name) => thing.tags.has(name)) &&
      (thing.sandbox === undefined || thing.sandbox === lack.affinity) &&
      canMeetAll(
        others,
        coming.filter((other) => other !== thing),
      ),
  );
}
