import type { Lack } from './supply.js';

/** A pool, as far as starts are concerned. */
export interface DealPool {
  readonly name: string;
  /** Names of its tags on demand; with some, it makes a resource only for requests that ask for one of them. */
  readonly onDemand: ReadonlySet<string>;
  /** How many more rows, and how many more STARTING ones, it may have: the smaller number. 0 while it may not start any. */
  readonly room: number;
  /** A start is delayed until then. */
  readonly notBeforeMs: number;
  readonly startDelayMs: number;
  readonly maxPrealloc: number;
  /** Of what was made ahead, how many are UP, free, unclaimed and never leased, and known to the demand as such. */
  readonly ready: number;
}

/** A resource that will soon be free, so that the demand does not know it yet. */
export interface Coming {
  readonly number: number;
  readonly pool: string;
  readonly tags: ReadonlySet<string>;
  /** Only requests of this sandbox get it; undefined = any. */
  readonly sandbox?: string;
  /** It counts as made ahead if no request gets it. */
  readonly isNew: boolean;
}

export interface Deal {
  /** Pools that start one now, in this order; a pool may be there several times. */
  readonly starts: readonly string[];
  /** When a start that is delayed may be made; Infinity = none is. */
  readonly againMs: number;
  /** Numbers of the coming resources that requests are going to get. */
  readonly paired: ReadonlySet<number>;
}

/**
 * Deals what requests lack to pools. Each lack, in order, is met by something that comes if the lacks before it leave anything;
 * each one left starts one in the matching pool of the highest weight, then name, that has room. A delay does not move it on to
 * another pool. Then pools are filled up to what they make ahead.
 */
export function deal(
  pools: readonly DealPool[],
  coming: readonly Coming[],
  lacks: readonly Lack[],
  nowMs: number,
): Deal {
  const { paired, left } = pair(coming, lacks);
  const starter = new Starter(pools, nowMs);
  for (const { lack, count } of left) {
    for (let unit = 0; unit < count && starter.startFor(lack); unit += 1);
  }
  for (const pool of pools) {
    const unpaired = coming.filter(({ number, isNew, pool: its }) => isNew && its === pool.name && !paired.has(number));
    let wanted = pool.onDemand.size > 0 ? 0 : pool.maxPrealloc - pool.ready - unpaired.length;
    while (wanted > 0 && starter.start(pool)) wanted -= 1;
  }
  return { starts: starter.starts, againMs: starter.againMs, paired };
}

/** Whether a coming resource would do for what is lacking. */
export function meets({ pool, tags, sandbox }: Coming, { attributes, affinity, offers }: Lack): boolean {
  if (sandbox !== undefined && sandbox !== affinity) return false;
  return offers.some((offer) => offer.pool === pool) && attributes.every((name) => tags.has(name));
}

/** Pairs lacks with what comes: a lack is met whenever it can be without taking anything from one before it. */
function pair(coming: readonly Coming[], lacks: readonly Lack[]) {
  const lackOf = new Map<Coming, Lack>();
  const left: { readonly lack: Lack; readonly count: number }[] = [];
  /** Finds one for the lack; those that had it before find another one. */
  const find = (lack: Lack, tried: Set<Coming>): boolean =>
    coming.some((thing) => {
      if (tried.has(thing) || !meets(thing, lack)) return false;
      tried.add(thing);
      const other = lackOf.get(thing);
      if (other !== undefined && !find(other, tried)) return false;
      lackOf.set(thing, lack);
      return true;
    });
  for (const lack of lacks) {
    let met = 0;
    // All of a lack are alike: when one finds nothing, none after it does.
    while (met < lack.count && lackOf.size < coming.length && find(lack, new Set())) met += 1;
    if (met < lack.count) left.push({ lack, count: lack.count - met });
  }
  return { paired: new Set([...lackOf.keys()].map(({ number }) => number)), left };
}

/** Counts the starts of a deal. */
class Starter {
  readonly starts: string[] = [];
  againMs = Infinity;
  readonly #room: Map<string, number>;
  readonly #notBeforeMs: Map<string, number>;

  constructor(
    private readonly pools: readonly DealPool[],
    private readonly nowMs: number,
  ) {
    this.#room = new Map(pools.map(({ name, room }) => [name, room]));
    this.#notBeforeMs = new Map(pools.map(({ name, notBeforeMs }) => [name, notBeforeMs]));
  }

  /** Starts one for a lack, perhaps later; false = no pool has room for it. */
  startFor({ attributes, offers }: Lack): boolean {
    let best: { readonly pool: DealPool; readonly weight: number } | undefined;
    for (const pool of this.pools) {
      const offer = offers.find((one) => one.pool === pool.name);
      if (offer === undefined || this.#roomOf(pool) <= 0) continue;
      if (pool.onDemand.size > 0 && !attributes.some((name) => pool.onDemand.has(name))) continue;
      const { weight } = offer;
      const isBetter =
        best === undefined || weight > best.weight || (weight === best.weight && pool.name < best.pool.name);
      if (isBetter) best = { pool, weight };
    }
    return best !== undefined && this.start(best.pool);
  }

  /** Starts one in a pool, perhaps later; false = it has no room. */
  start(pool: DealPool): boolean {
    if (this.#roomOf(pool) <= 0) return false;
    this.#room.set(pool.name, this.#roomOf(pool) - 1);
    const notBeforeMs = this.#notBeforeMs.get(pool.name) ?? 0;
    if (notBeforeMs > this.nowMs) {
      this.againMs = Math.min(this.againMs, notBeforeMs);
      return true;
    }
    this.starts.push(pool.name);
    if (pool.startDelayMs > 0) this.#notBeforeMs.set(pool.name, this.nowMs + pool.startDelayMs);
    return true;
  }

  #roomOf({ name }: DealPool): number {
    return this.#room.get(name) ?? 0;
  }
}
