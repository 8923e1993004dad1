import { offerOf } from '../../domain/offers.js';
import type { PoolOffer } from '../../domain/supply.js';
import type { World } from '../../domain/world.js';
import type { Labs } from './labs.js';
import type { Office } from './reconcile-context.js';

/** What only informs those who wait is put at most so often. */
const INFORM_MS = 1000;
/** An offer is put again after this, also without a change: the lease service may have lost it. */
const AGAIN_MS = 60_000;

interface Put {
  readonly lab: string;
  readonly told: string;
  readonly rules: string;
  readonly atMs: number;
}

/** Keeps the offers of pools as the lease service has them. */
export class OfferBoard {
  readonly #put = new Map<string, Put>();
  readonly #busy = new Set<string>();

  constructor(
    private readonly office: Office,
    private readonly labs: Labs,
  ) {}

  /** Puts what has changed; returns when there is more to put. */
  look(world: World, nowMs: number): number {
    let againMs = Infinity;
    for (const [name, pool] of world.pools) {
      const { lab } = pool.options;
      const { callsFromMs = 0 } = world.labs.get(lab) ?? {};
      if (this.#busy.has(name)) continue;
      const isLeft = pool.removed && ![...world.resources.values()].some((resource) => resource.pool === name);
      const offer = offerOf(pool, world);
      const dueMs = Math.max(callsFromMs, isLeft ? 0 : this.#dueMs(lab, offer, nowMs));
      if (dueMs > nowMs) againMs = Math.min(againMs, dueMs);
      else this.#call(name, lab, isLeft ? () => this.#withdraw(lab, name) : () => this.#tell(lab, offer, nowMs));
    }
    return againMs;
  }

  /** When an offer is to be put. */
  #dueMs(lab: string, offer: PoolOffer, nowMs: number): number {
    const before = this.#put.get(offer.pool);
    if (before?.lab !== lab || before.rules !== rulesOf(offer)) return nowMs;
    return before.atMs + (before.told === JSON.stringify(offer) ? AGAIN_MS : INFORM_MS);
  }

  async #tell(lab: string, offer: PoolOffer, nowMs: number): Promise<void> {
    const { lab: client } = this.office.context;
    const before = this.#put.get(offer.pool);
    await client.putOffer(lab, offer);
    this.#put.set(offer.pool, { lab, told: JSON.stringify(offer), rules: rulesOf(offer), atMs: nowMs });
    if (before !== undefined && before.lab !== lab) await client.deleteOffer(before.lab, offer.pool);
  }

  /** The pool is no more. */
  async #withdraw(lab: string, name: string): Promise<void> {
    await this.office.context.lab.deleteOffer(lab, name);
    await this.office.context.inForce.forget(name);
    this.#put.delete(name);
  }

  #call(name: string, lab: string, act: () => Promise<void>): void {
    this.#busy.add(name);
    void act()
      .catch((error: unknown) => {
        this.labs.callFailed(lab, error);
      })
      .finally(() => {
        this.#busy.delete(name);
        this.office.wake();
      });
  }
}

/** What the lease service decides by. */
function rulesOf({ attributes, capacity, onDemand, blockedReason }: PoolOffer): string {
  return JSON.stringify([attributes, capacity, onDemand, blockedReason]);
}
