import { asMatchable } from './demand.js';
import type { Demand } from './demand.js';
import type { Bench, Waiting } from './entities.js';
import { unmet } from './feasible.js';
import { assign, attributeCount, weightOf } from './matching.js';
import type { Requirement } from './model.js';
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
 * caller is detached is not granted, but keeps what it would get, so that it is not overtaken while it may come back. One
 * that could never be met as the inventory is now claims nothing, or it would keep benches from the others for ever.
 *
 * Only demands with a free bench are looked at. A demand is done with when nothing that is left would serve it: what is
 * left only shrinks on the way down, so no later request of it could get anything either.
 */
export function schedule(state: LabState): Schedule {
  if (state.demands.contending.size === 0) return NOTHING;
  const grants: { request: Waiting; benches: readonly Bench[] }[] = [];
  const claims = new Map<Bench, Waiting>();
  const taken = new Set<Bench>();
  const cursors = [...state.demands.contending].map((demand) => new Cursor(demand));
  for (let best = next(cursors); best !== undefined; best = next(cursors)) {
    const { request, demand } = best;
    const found = choose(demand, taken);
    const usable = found.filter((bench) => bench !== undefined);
    if (usable.length === 0) {
      cursors.splice(cursors.indexOf(best.cursor), 1);
      continue;
    }
    const complete = usable.length === found.length;
    if (!complete && !mayClaim(state, demand)) {
      // What is left only shrinks, so no worse request of this demand is complete either.
      cursors.splice(cursors.indexOf(best.cursor), 1);
      continue;
    }
    if (complete && request.detachedUntilMs === undefined) grants.push({ request, benches: usable });
    else for (const bench of usable) claims.set(bench, request);
    for (const bench of usable) taken.add(bench);
    best.cursor.advance();
  }
  return { grants, claims };
}

function mayClaim(state: LabState, demand: Demand): boolean {
  return !state.rules.backfill && unmet(state, demand, (bench) => !bench.retired).length === 0;
}

/** Walks a demand's queue, best first. */
class Cursor {
  readonly #requests: Iterator<Waiting>;
  current: Waiting | undefined;

  constructor(readonly demand: Demand) {
    this.#requests = demand.queue[Symbol.iterator]();
    this.advance();
  }

  advance(): void {
    const step = this.#requests.next();
    this.current = step.done === true ? undefined : step.value;
  }
}

function next(cursors: readonly Cursor[]): { cursor: Cursor; request: Waiting; demand: Demand } | undefined {
  let best: { cursor: Cursor; request: Waiting; demand: Demand } | undefined;
  for (const cursor of cursors) {
    const request = cursor.current;
    if (request === undefined) continue;
    if (best === undefined || compareRanked(request, best.request) < 0)
      best = { cursor, request, demand: cursor.demand };
  }
  return best;
}

/** For each requirement the free bench to take (rule 5), or undefined; as many as possible. */
function choose(demand: Demand, taken: ReadonlySet<Bench>): (Bench | undefined)[] {
  const { requirements, matching } = demand;
  const free = (i: number): Bench[] => {
    const open: Bench[] = [];
    for (const bench of matching[i] ?? []) if (demand.isOpen(bench) && !taken.has(bench)) open.push(bench);
    return open;
  };
  const [only] = requirements;
  if (requirements.length === 1 && only !== undefined) {
    const open = free(0);
    return [open.length <= 1 ? open[0] : byPreference(only, demand, open)[0]];
  }
  return assign(requirements.length, (i) => {
    const requirement = requirements[i];
    return requirement === undefined ? [] : byPreference(requirement, demand, free(i));
  });
}

/**
 * Orders free benches for a requirement, the best first (rules 5 and 10): one kept for the request's affinity; the highest
 * sum of the requested attributes' weights; the one that fewest requests of other demands wait for; fewest attributes
 * beyond those asked for; least recently used; by name.
 */
function byPreference(requirement: Requirement, demand: Demand, benches: readonly Bench[]): Bench[] {
  return benches
    .map((bench) => {
      const matchable = asMatchable(bench);
      return {
        bench,
        kept: bench.spec.affinity === '' ? 1 : 0,
        weight: weightOf(requirement, matchable),
        wanted: wantedByOthers(bench, demand),
        attributes: attributeCount(matchable),
      };
    })
    .sort(
      (a, b) =>
        a.kept - b.kept ||
        b.weight - a.weight ||
        a.wanted - b.wanted ||
        a.attributes - b.attributes ||
        a.bench.lastUsed - b.bench.lastUsed ||
        (a.bench.spec.name < b.bench.spec.name ? -1 : 1),
    )
    .map((choice) => choice.bench);
}

/** How many requests of other demands wait that this bench could serve. */
function wantedByOthers(bench: Bench, demand: Demand): number {
  let count = 0;
  for (const other of bench.demands) if (other !== demand) count += other.queue.size;
  return count;
}
