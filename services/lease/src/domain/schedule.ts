import type { Allowance } from './allowance.js';
import { allowanceOf } from './allowance.js';
import { isThere, needMsOf } from './booked-time.js';
import type { Bench, Demand, Fit, Waiting } from './entities.js';
import { makesFor, unmet } from './feasible.js';
import { assign } from './matching.js';
import { compareRanked } from './ranked-queue.js';
import type { LabState } from './state.js';

/** What scheduling decided: who gets which benches now, and which free benches are kept for whom. */
export interface Schedule {
  /** In order of rank; benches in the order of the request's requirements. */
  readonly grants: readonly { readonly request: Waiting; readonly benches: readonly Bench[] }[];
  /** Free benches that are kept for a request that still lacks others, or whose caller is just not attached. */
  readonly claims: ReadonlyMap<Bench, Waiting>;
}

const NOTHING: Schedule = { grants: [], claims: new Map() };

/**
 * Offers the free benches in order of rank (rule 4): the best request that wants a bench gets it; one that wants several
 * and still lacks some claims what it can use, so that no worse request takes it (not with `backfill`). A request whose
 * caller is detached is not granted, but keeps what it would get, so that it is not overtaken while it may come back soon;
 * one that is set aside is not asked. One that could never be met as the inventory is now claims nothing, or it would keep
 * benches from the others for ever; so does one that waits for what nobody makes for it.
 *
 * Benches that are booked too soon for a request are not offered to it; where it could not be met without them it claims
 * nothing else either (rule 15), and a worse request that takes less time may get what there is.
 *
 * One that a limit holds back (rule 19) gets and claims nothing; what was granted before it in the round counts.
 *
 * Only demands with a free bench are looked at, and only until it is taken: what is left only shrinks on the way down. So
 * the cost is about (free benches taken) × (demands that want them), whatever the length of their queues.
 */
export function schedule(state: LabState, now: number): Schedule {
  if (state.demands.contending.size === 0) return NOTHING;
  return new Round(state, now).run();
}

/** Until when the claims of a schedule stay as they are if nothing happens: then a reservation is too near for one of them. */
export function claimsUntilMs({ rules }: LabState, claims: Schedule['claims'], now: number): number {
  let untilMs = Infinity;
  for (const { demand, spec } of new Set(claims.values())) {
    const needMs = needMsOf(spec, rules);
    if (demand.booking !== '') continue;
    for (const { clearMs } of demand.benches) {
      const lapseMs = clearMs - needMs + 1;
      if (lapseMs > now && lapseMs < untilMs) untilMs = lapseMs;
    }
  }
  return untilMs;
}

class Round {
  readonly #grants: { request: Waiting; benches: readonly Bench[] }[] = [];
  #claims: Map<Bench, Waiting> | undefined;
  readonly #taken = new Set<Bench>();
  /** How many waiting requests each bench could serve. */
  #wanted: Map<Bench, number> | undefined;
  readonly #cursors: Cursor[] = [];
  readonly #hasReservations: boolean;
  /** What limits leave; undefined where there are none. */
  readonly #allowance: Allowance | undefined;
  /** For how long the request that is asked needs its benches. */
  #needMs = 0;

  constructor(
    readonly state: LabState,
    readonly now: number,
  ) {
    this.#hasReservations = state.reservations.size > 0;
    this.#allowance = allowanceOf(state);
    for (const demand of state.demands.contending) {
      demand.left = demand.free;
      this.#cursors.push(new Cursor(demand));
    }
  }

  run(): Schedule {
    for (let cursor = this.#next(); cursor !== undefined; cursor = this.#next()) {
      const { demand, current: request } = cursor;
      if (request === undefined) continue;
      if (this.#allowance !== undefined && this.#skipHeldBack(cursor, this.#allowance)) continue;
      const found = this.#find(demand, this.#needOf(request));
      if (found === undefined) {
        // No worse request of this demand could use more, but one that takes less time.
        if (!this.#passOver(cursor, this.#needMs)) demand.left = 0;
        continue;
      }
      const usable = found.filter((bench) => bench !== undefined);
      if (usable.length === found.length && request.detachedUntilMs === undefined) {
        this.#grants.push({ request, benches: usable });
        this.#allowance?.take(request);
      } else for (const bench of usable) (this.#claims ??= new Map<Bench, Waiting>()).set(bench, request);
      for (const bench of usable) this.#take(bench);
      cursor.advance(this.#sizeOf);
    }
    return { grants: this.#grants, claims: this.#claims ?? NOTHING.claims };
  }

  /**
   * Goes on to the best request of a demand that no limit holds back, when one holds back the present one. What limits leave only
   * shrinks on the way down, so what is skipped need not be looked at again.
   */
  #skipHeldBack(cursor: Cursor, allowance: Allowance): boolean {
    if (cursor.current === undefined || allowance.shortOf(cursor.current) === undefined) return false;
    cursor.skip((request) => allowance.shortOf(request) !== undefined, this.#sizeOf);
    return true;
  }

  /** For each requirement the bench that a request gets, or claims, when it takes so long; undefined when that is none. */
  #find(demand: Demand, needMs: number): readonly (Bench | undefined)[] | undefined {
    this.#needMs = needMs;
    const found = this.#choose(demand);
    const lacking = found.reduce((count, bench) => count + (bench === undefined ? 1 : 0), 0);
    return lacking === 0 || (lacking < found.length && this.#mayClaim(demand)) ? found : undefined;
  }

  readonly #sizeOf = ({ spec }: Waiting): number => needMsOf(spec, this.state.rules);

  #needOf(request: Waiting): number {
    return this.#hasReservations ? this.#sizeOf(request) : 0;
  }

  /**
   * Goes on to the best request of a demand that takes so much less time than one that got nothing (`needMs`) that it gets or
   * claims something; false when there is none. What is left for a request changes only where the time until a reservation
   * does not do any more: the most that would do is searched for among these times.
   */
  #passOver(cursor: Cursor, needMs: number): boolean {
    const { demand } = cursor;
    if (!this.#hasReservations || demand.booking !== '') return false;
    const isSingle = demand.requirements.length === 1;
    const lefts: number[] = [];
    let most = 0;
    for (const bench of demand.benches) {
      const leftMs = bench.booked === undefined ? bench.clearMs - this.now : 0;
      if (leftMs <= 0 || leftMs >= needMs) continue;
      if (!isSingle) lefts.push(leftMs);
      else if (leftMs > most && demand.isOpen(bench) && !this.#taken.has(bench)) most = leftMs;
    }
    lefts.sort((a, b) => b - a);
    if (!isSingle) most = lefts[firstIndex(lefts.length, (i) => this.#find(demand, lefts[i] ?? 0) !== undefined)] ?? 0;
    return most > 0 && cursor.skipTo(most, this.#sizeOf);
  }

  /** The cursor with the best request; drops those whose demand has nothing left to get, or nobody left to ask. */
  #next(): Cursor | undefined {
    const cursors = this.#cursors;
    let best: Cursor | undefined;
    let kept = 0;
    for (const cursor of cursors) {
      const request = cursor.current;
      if (request === undefined || cursor.demand.left <= 0) continue;
      cursors[kept++] = cursor;
      if (best?.current === undefined || compareRanked(request, best.current) < 0) best = cursor;
    }
    cursors.length = kept;
    return best;
  }

  #take(bench: Bench): void {
    this.#taken.add(bench);
    // Demands that do not contend, or are not lent the bench, count too: they are not asked.
    for (const demand of bench.demands) if (demand.isOpen(bench)) demand.left--;
  }

  #mayClaim(demand: Demand): boolean {
    const may = (bench: Bench): boolean => !bench.retired && this.#isThere(demand, bench);
    return !this.state.rules.backfill && unmet(this.state, demand, may, makesFor).length === 0;
  }

  /** For each requirement the free bench to take (rule 5), or undefined; as many as possible. */
  #choose(demand: Demand): (Bench | undefined)[] {
    if (demand.requirements.length === 1) return [this.#best(demand)];
    return assign(demand.requirements.length, (i) => {
      const free = [...(demand.matching[i]?.values() ?? [])].filter(({ bench }) => this.#isFree(demand, bench));
      return free.sort((a, b) => this.#compare(a, b)).map(({ bench }) => bench);
    });
  }

  /** The first of the free benches by preference: most requests want one, and sorting all for it would be in vain. */
  #best(demand: Demand): Bench | undefined {
    let best: Fit | undefined;
    for (const fit of demand.matching[0]?.values() ?? []) {
      if (this.#isFree(demand, fit.bench) && (best === undefined || this.#compare(fit, best) < 0)) best = fit;
    }
    return best?.bench;
  }

  #isFree(demand: Demand, bench: Bench): boolean {
    return demand.isOpen(bench) && !this.#taken.has(bench) && this.#isThere(demand, bench);
  }

  #isThere({ booking }: Demand, bench: Bench): boolean {
    return !this.#hasReservations || isThere(bench, booking, this.#needMs, this.now);
  }

  /**
   * Orders free benches for a requirement, the best first (rules 5 and 10): one kept for the request's affinity; the highest
   * sum of the requested attributes' weights; the one that fewest requests wait for; fewest attributes beyond those asked
   * for; least recently used; by name.
   */
  #compare(a: Fit, b: Fit): number {
    return (
      a.kept - b.kept ||
      b.weight - a.weight ||
      this.#compareWanted(a.bench, b.bench) ||
      a.attributes - b.attributes ||
      a.bench.lastUsed - b.bench.lastUsed ||
      (a.bench.spec.name < b.bench.spec.name ? -1 : 1)
    );
  }

  /** Two that only the demand that chooses wants are wanted alike. */
  #compareWanted(a: Bench, b: Bench): number {
    return a.demands.size + b.demands.size === 2 ? 0 : this.#wantedCount(a) - this.#wantedCount(b);
  }

  /**
   * Requests that want a bench. Those of the demand that chooses count too: they want each of its benches, so they make no
   * difference.
   */
  #wantedCount(bench: Bench): number {
    this.#wanted ??= new Map<Bench, number>();
    const known = this.#wanted.get(bench);
    if (known !== undefined) return known;
    let count = 0;
    for (const demand of bench.demands) count += demand.waiting;
    this.#wanted.set(bench, count);
    return count;
  }
}

/** The first index from which on something holds, of so many; it holds for all that follow. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Walks a demand's queue, best first. */
class Cursor {
  current: Waiting | undefined;
  /** Made when it is needed: most demands are never asked for a second request. */
  #requests: Iterator<Waiting> | undefined;
  /** Requests that take longer get nothing. */
  #mostMs = Infinity;
  /** It has left out requests: `#requests` is not where it is. */
  #hasLeapt = false;

  constructor(readonly demand: Demand) {
    this.current = demand.queue.first();
  }

  advance(sizeOf: (request: Waiting) => number): void {
    const { current, demand } = this;
    if (this.#hasLeapt && current !== undefined) {
      this.current = demand.queue.nextOf(current, this.#mostMs, sizeOf);
      return;
    }
    if (this.#requests === undefined) {
      this.#requests = demand.queue[Symbol.iterator]();
      this.#requests.next();
    }
    const step = this.#requests.next();
    this.current = step.done === true ? undefined : step.value;
  }

  /** Goes on to the next request that takes so long at most; false when there is none. */
  skipTo(mostMs: number, sizeOf: (request: Waiting) => number): boolean {
    this.#mostMs = mostMs;
    this.#hasLeapt = true;
    this.advance(sizeOf);
    return this.current !== undefined;
  }

  /** Goes on to the next request that is not to be skipped. */
  skip(isSkipped: (request: Waiting) => boolean, sizeOf: (request: Waiting) => number): void {
    const { current, demand } = this;
    const mostMs = this.#mostMs;
    const passes = (request: Waiting): boolean =>
      !isSkipped(request) && (mostMs === Infinity || sizeOf(request) <= mostMs);
    this.#hasLeapt = true;
    this.current = current && demand.queue.findAfter(current, passes);
  }
}
