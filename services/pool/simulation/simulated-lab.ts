import type { Demand, Lack, LabBenches, PoolBench, PoolOffer } from '../src/domain/supply.js';

/** A request of the simulation: benches with all these tags, within a sandbox. */
export interface SimulatedRequest {
  readonly id: number;
  readonly tags: readonly string[];
  readonly sandbox: string;
  readonly count: number;
}

export interface SimulatedLease {
  readonly id: string;
  readonly token: number;
  readonly request: SimulatedRequest;
  readonly benches: readonly string[];
}

interface SimulatedBench extends PoolBench {
  readonly tags: ReadonlyMap<string, number>;
}

/** Told of each grant and each end of a lease, at once. */
export interface LabListener {
  granted(bench: string, lease: SimulatedLease): void;
  ended(bench: string, lease: SimulatedLease): void;
}

/**
 * A lease service as the page describes it, for pools only: one queue, all or nothing, claims, affinity, cleaning. Who waits for what
 * nobody makes for it claims nothing.
 */
export class SimulatedLab {
  revision = 1;
  readonly benches = new Map<string, SimulatedBench>();
  readonly offers = new Map<string, PoolOffer>();
  readonly leases = new Map<string, SimulatedLease>();
  waiting: SimulatedRequest[] = [];
  claimed = new Set<string>();
  lacks: readonly Lack[] = [];

  constructor(private readonly listener: LabListener) {}

  /** A request that no pools could ever serve is refused. */
  request(request: SimulatedRequest): void {
    if (this.#offersFor(request).length === 0) return;
    this.waiting.push(request);
    this.#schedule();
  }

  cancel(id: number): void {
    this.waiting = this.waiting.filter((request) => request.id !== id);
    this.#schedule();
  }

  release(leaseId: string): void {
    const lease = this.leases.get(leaseId);
    if (lease === undefined) return;
    this.#endLease(lease);
    this.#schedule();
  }

  createBench(name: string, pool: string, tags: ReadonlyMap<string, number>): number {
    if (!this.benches.has(name)) {
      const fixed = {
        name,
        pool,
        condition: 'READY',
        conditionBy: '',
        etag: '',
        affinity: '',
        cleaningToken: 0,
      } as const;
      this.benches.set(name, { ...fixed, tags });
      this.#schedule();
    }
    return this.revision;
  }

  deleteBench(name: string, how: 'force' | 'idle' | 'drain'): boolean {
    const bench = this.benches.get(name);
    if (bench === undefined) return true;
    const lease = bench.lease && this.leases.get(bench.lease.id);
    if (how === 'idle' && (lease !== undefined || this.claimed.has(name))) return false;
    if (how === 'drain' && lease !== undefined) return false;
    if (lease !== undefined) this.#endLease(lease);
    this.benches.delete(name);
    this.#schedule();
    return true;
  }

  finishCleaning(name: string, token: number, affinity: string): void {
    const bench = this.benches.get(name);
    if (bench === undefined || bench.cleaningToken === 0 || bench.cleaningToken !== token) return;
    this.benches.set(name, { ...bench, affinity, cleaningToken: 0 });
    this.#schedule();
  }

  setCondition(name: string, condition: PoolBench['condition'], by: string): void {
    const bench = this.benches.get(name);
    if (bench !== undefined) this.benches.set(name, { ...bench, condition, conditionBy: by });
    this.#schedule();
  }

  putOffer(offer: PoolOffer): void {
    this.offers.set(offer.pool, offer);
    this.#schedule();
  }

  /** What a watch of benches tells now. */
  seenBenches(): LabBenches {
    return { revision: this.revision, benches: new Map(this.benches) };
  }

  seenDemand(): Demand {
    return { revision: this.revision, lacks: this.lacks, claimed: new Set(this.claimed) };
  }

  #endLease(lease: SimulatedLease): void {
    this.leases.delete(lease.id);
    for (const name of lease.benches) {
      const bench = this.benches.get(name);
      if (bench === undefined) continue;
      const { lease: _, ...free } = bench;
      this.benches.set(name, { ...free, cleaningToken: lease.token });
      this.listener.ended(name, lease);
    }
  }

  /** Grants and claims, the oldest request first; notes what is lacking then. */
  #schedule(): void {
    this.revision += 1;
    this.claimed = new Set();
    const lacks: Lack[] = [];
    for (const request of [...this.waiting]) {
      const found = this.#freeFor(request).slice(0, request.count);
      if (found.length === request.count) {
        this.#grant(request, found);
        continue;
      }
      if (!this.#canBeMet(request)) continue;
      for (const { name } of found) this.claimed.add(name);
      const { tags: attributes, sandbox: affinity } = request;
      lacks.push({ attributes, affinity, count: request.count - found.length, offers: this.#offersFor(request) });
    }
    this.lacks = lacks;
  }

  /** Whether there are, or could be made for it, as many benches as a request needs. */
  #canBeMet(request: SimulatedRequest): boolean {
    const { tags, sandbox, count } = request;
    const makers = [...this.offers.values()].filter((offer) => isMadeFor(offer, request));
    const others = [...this.benches.values()].filter(
      ({ pool, affinity, tags: its }) =>
        makers.every((offer) => offer.pool !== pool) &&
        (affinity === '' || affinity === sandbox) &&
        tags.every((tag) => its.has(tag)),
    );
    return makers.reduce((sum, { capacity }) => sum + capacity, others.length) >= count;
  }

  #freeFor({ tags, sandbox }: SimulatedRequest): readonly SimulatedBench[] {
    const weight = (bench: SimulatedBench): number => tags.reduce((sum, tag) => sum + (bench.tags.get(tag) ?? 0), 0);
    return [...this.benches.values()]
      .filter(
        ({ name, lease, cleaningToken, condition, affinity, tags: its }) =>
          lease === undefined &&
          cleaningToken === 0 &&
          condition === 'READY' &&
          !this.claimed.has(name) &&
          (affinity === '' || affinity === sandbox) &&
          tags.every((tag) => its.has(tag)),
      )
      .toSorted((a, b) => Number(b.affinity !== '') - Number(a.affinity !== '') || weight(b) - weight(a));
  }

  #offersFor({ tags, count }: SimulatedRequest): Lack['offers'] {
    const able = [...this.offers.values()].filter(({ attributes }) =>
      tags.every((tag) => attributes.some(({ name }) => name === tag)),
    );
    if (able.reduce((sum, { capacity }) => sum + capacity, 0) < count) return [];
    return able.map(({ pool, attributes }) => {
      const weights = attributes.filter(({ name }) => tags.includes(name)).map(({ weight }) => weight);
      return { pool, weight: weights.reduce((sum, weight) => sum + weight, 0) };
    });
  }

  #grant(request: SimulatedRequest, benches: readonly SimulatedBench[]): void {
    this.revision += 1;
    const token = this.revision;
    const lease = { id: `lease-${token}`, token, request, benches: benches.map(({ name }) => name) };
    this.leases.set(lease.id, lease);
    this.waiting = this.waiting.filter((other) => other !== request);
    for (const bench of benches) {
      const held = { id: lease.id, fencingToken: token, sandbox: request.sandbox, sinceMs: 0 };
      this.benches.set(bench.name, { ...bench, lease: held });
      this.listener.granted(bench.name, lease);
    }
  }
}

/** Whether a pool makes what a request asks for, and for such a request. */
function isMadeFor({ attributes, onDemand }: PoolOffer, { tags }: SimulatedRequest): boolean {
  const isAskedFor = onDemand.length === 0 || onDemand.some((name) => tags.includes(name));
  return isAskedFor && tags.every((tag) => attributes.some(({ name }) => name === tag));
}
