import type { Bench, Waiting } from './entities.js';
import { attributeCount, meets } from './matching.js';
import type { Matchable } from './matching.js';
import type { BenchSpec, Requirement } from './model.js';
import { RankedQueue } from './ranked-queue.js';

/** How a bench looks to a requirement. */
export interface BenchLook extends Matchable {
  /** How many attributes it has in all, its entities' included. */
  readonly attributeCount: number;
}

const looks = new WeakMap<BenchSpec, BenchLook>();

/** How a bench looks to a requirement; the same object until the bench is described anew. */
export function asMatchable({ spec, origin }: Bench): BenchLook {
  const known = looks.get(spec);
  if (known?.origin === origin) return known;
  const look = { ...spec, origin, attributeCount: attributeCount(spec) };
  looks.set(spec, look);
  return look;
}

/**
 * All requests that want exactly the same: one queue, and the benches that could serve it. A busy lab has few demands and
 * many requests, so whatever is derived for a demand is derived once.
 */
export class Demand {
  /** Those that may be granted or claim something; the others are `aside`. */
  readonly queue = new RankedQueue<Waiting>();
  readonly aside = new RankedQueue<Waiting>();
  /** For each requirement the benches that meet it, whatever their condition; equal requirements share one set. */
  readonly matching: readonly Set<Bench>[];
  /** All of them. */
  readonly benches = new Set<Bench>();
  /** How many of `benches` could be granted to this demand now. */
  free = 0;
  /** What is left of `free` in the course of scheduling; means nothing outside of it. */
  left = 0;

  constructor(
    readonly key: string,
    readonly requirements: readonly Requirement[],
    readonly affinity: string,
    readonly allowMaintenance: boolean,
  ) {
    const sets = new Map<string, Set<Bench>>();
    this.matching = requirements.map((requirement) => {
      const key = requirementKey(requirement);
      const set = sets.get(key) ?? new Set<Bench>();
      sets.set(key, set);
      return set;
    });
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.queue.size + this.aside.size;
  }

  /** How many waiting requests go before another. */
  countBefore(request: Waiting): number {
    return this.queue.countBefore(request) + (this.aside.size === 0 ? 0 : this.aside.countBefore(request));
  }

  /** Whether a bench that meets a requirement could be granted to this demand now. */
  isOpen(bench: Bench): boolean {
    return bench.lease === undefined && this.isLent(bench);
  }

  /** Whether a bench is lent at all to this demand, held or not. */
  isLent(bench: Bench): boolean {
    const { state } = bench.condition;
    return !bench.retired && (state === 'READY' || (state === 'MAINTENANCE' && this.allowMaintenance));
  }
}

function queueOf({ demand, aside }: Waiting): RankedQueue<Waiting> {
  return aside ? demand.aside : demand.queue;
}

/** To whom a bench could be granted now: 0 = nobody, 1 = those who allow maintenance, 2 = everybody. See Demand.isOpen. */
function openness({ lease, retired, condition: { state } }: Bench): 0 | 1 | 2 {
  if (lease !== undefined || retired) return 0;
  if (state === 'READY') return 2;
  return state === 'MAINTENANCE' ? 1 : 0;
}

/** What makes two requests want the same. */
export function demandKey(requirements: readonly Requirement[], affinity: string, allowMaintenance: boolean): string {
  return JSON.stringify([requirements.map(requirementKey), affinity, allowMaintenance]);
}

/** The same for requirements that ask for the same; names may hold any character, so it is no line of the query language. */
function requirementKey({ bench, location, attributes, entities, pool, labels }: Requirement): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    bench,
    location,
    attributes,
    entities.map((need) => [need.name, need.attributes]),
    pool,
    sorted,
  ]);
}

const IDLE_DEMANDS = 1000;

/** The demands of a lab, each with the benches that could serve it, kept right as benches come, go and change. */
export class DemandIndex {
  readonly #demands = new Map<string, Demand>();
  /**
   * Those of a few requests by the very list of requirements: a request is planned, queued in the draft and queued for good,
   * and each time its demand is asked for. Emptied with every draft.
   */
  readonly #recent = new Map<readonly Requirement[], Demand>();
  /** Demands with requests waiting and a bench free: the only ones that scheduling must look at. */
  readonly contending = new Set<Demand>();
  /** Rises whenever a bench or a demand comes or goes: what was derived from their relation is stale then. */
  version = 0;

  all(): Iterable<Demand> {
    return this.#demands.values();
  }

  /** The demand of a request, made when it is not there; `benches` are all benches of the lab. */
  obtain(
    requirements: readonly Requirement[],
    affinity: string,
    allowMaintenance: boolean,
    benches: Iterable<Bench>,
  ): Demand {
    const recent = this.#recent.get(requirements);
    if (recent?.affinity === affinity && recent.allowMaintenance === allowMaintenance) return recent;
    const key = demandKey(requirements, affinity, allowMaintenance);
    const demand = this.#demands.get(key) ?? this.#make(key, requirements, affinity, allowMaintenance, benches);
    this.#recent.set(requirements, demand);
    return demand;
  }

  /** Forgets demands that nobody waits for when there are many. Not while a draft could bring their requests back. */
  forgetIdle(): void {
    this.#recent.clear();
    if (this.#demands.size <= IDLE_DEMANDS) return;
    for (const [key, demand] of this.#demands) {
      if (demand.waiting > 0) continue;
      this.#demands.delete(key);
      this.contending.delete(demand);
      for (const bench of demand.benches) bench.demands.delete(demand);
    }
    this.version++;
  }

  /** A bench came, or came back with another description. */
  place(bench: Bench): void {
    for (const demand of this.#demands.values()) this.#join(demand, bench);
    this.version++;
  }

  /** A bench goes, or is about to get another description. */
  displace(bench: Bench): void {
    for (const demand of bench.demands) {
      for (const set of demand.matching) set.delete(bench);
      demand.benches.delete(bench);
      if (demand.isOpen(bench)) demand.free--;
      this.refresh(demand);
    }
    bench.demands.clear();
    this.version++;
  }

  /** Runs a change of a bench's holder or condition, and keeps the counts of free benches right. */
  around(bench: Bench, change: () => void): void {
    const before = openness(bench);
    change();
    const after = openness(bench);
    if (before === after) return;
    for (const demand of bench.demands) {
      const least = demand.allowMaintenance ? 1 : 2;
      const difference = Number(after >= least) - Number(before >= least);
      if (difference === 0) continue;
      demand.free += difference;
      this.refresh(demand);
    }
  }

  enqueue(waiting: Waiting): void {
    queueOf(waiting).add(waiting);
    this.refresh(waiting.demand);
  }

  dequeue(waiting: Waiting): void {
    queueOf(waiting).remove(waiting);
    this.refresh(waiting.demand);
  }

  refresh(demand: Demand): void {
    if (demand.free > 0 && demand.queue.size > 0) this.contending.add(demand);
    else this.contending.delete(demand);
  }

  #make(
    key: string,
    requirements: readonly Requirement[],
    affinity: string,
    allowMaintenance: boolean,
    benches: Iterable<Bench>,
  ): Demand {
    const demand = new Demand(key, requirements, affinity, allowMaintenance);
    this.#demands.set(key, demand);
    for (const bench of benches) this.#join(demand, bench);
    this.version++;
    return demand;
  }

  #join(demand: Demand, bench: Bench): void {
    const matchable = asMatchable(bench);
    demand.requirements.forEach((requirement, i) => {
      if (meets(requirement, matchable, demand.affinity)) demand.matching[i]?.add(bench);
    });
    if (!demand.matching.some((set) => set.has(bench))) return;
    demand.benches.add(bench);
    bench.demands.add(demand);
    if (demand.isOpen(bench)) demand.free++;
    this.refresh(demand);
  }
}
