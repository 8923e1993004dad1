import { asMatchable } from './bench-look.js';
import { demandKey } from './demand-key.js';
import type { Bench, Waiting } from './entities.js';
import { Demand } from './entities.js';
import { meets, weightOf } from './matching.js';
import type { Requirement } from './model.js';
import type { RankedQueue } from './ranked-queue.js';

function queueOf({ demand, aside }: Waiting): RankedQueue<Waiting> {
  return aside ? demand.aside : demand.queue;
}

/** To whom a bench could be granted now: 0 = nobody, 1 = those who allow maintenance, 2 = everybody. See Demand.isOpen. */
function openness({ lease, retired, cleaning, condition: { state } }: Bench): 0 | 1 | 2 {
  if (lease !== undefined || retired || cleaning !== 0) return 0;
  if (state === 'READY') return 2;
  return state === 'MAINTENANCE' ? 1 : 0;
}

/** The booking that has a bench now; '' = none. */
function bookingOf({ booked }: Bench): string {
  return booked === undefined ? '' : booked.id;
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
  /** Demands whose requests spend a booking, by its id. */
  readonly #spending = new Map<string, Set<Demand>>();
  /** Rises whenever a bench or a demand comes or goes: what was derived from their relation is stale then. */
  version = 0;

  all(): Iterable<Demand> {
    return this.#demands.values();
  }

  /** The demand of a request, made when it is not there; `benches` are all benches of the lab by their names. */
  obtain(
    requirements: readonly Requirement[],
    affinity: string,
    allowMaintenance: boolean,
    booking: string,
    benches: ReadonlyMap<string, Bench>,
  ): Demand {
    const recent = this.#recent.get(requirements);
    const isSame =
      recent?.affinity === affinity && recent.allowMaintenance === allowMaintenance && recent.booking === booking;
    if (isSame) return recent;
    const key = demandKey(requirements, affinity, allowMaintenance, booking);
    const known = this.#demands.get(key);
    const demand = known ?? this.#make(new Demand(key, requirements, affinity, allowMaintenance, booking), benches);
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
      if (demand.booking !== '') this.#forgetSpending(demand);
    }
    this.version++;
  }

  /** The demands whose requests spend a booking. */
  spending(booking: string): Iterable<Demand> {
    return this.#spending.get(booking) ?? [];
  }

  /** A booking got or lost a bench: what its requests ask for is held against the bench again. */
  rematch(booking: string, bench: Bench): void {
    for (const demand of this.spending(booking)) {
      if (demand.benches.has(bench)) this.#part(demand, bench);
      this.#join(demand, bench);
      this.version++;
    }
  }

  /** A bench came, or came back with another description. */
  place(bench: Bench): void {
    for (const demand of this.#demands.values()) this.#join(demand, bench);
    this.version++;
  }

  /** A bench goes, or is about to get another description. */
  displace(bench: Bench): void {
    for (const demand of bench.demands) this.#part(demand, bench);
    this.version++;
  }

  /** Runs a change of a bench's holder or condition, and keeps the counts of free benches right. */
  around(bench: Bench, change: () => void): void {
    const before = openness(bench);
    const bookedBefore = bookingOf(bench);
    change();
    const after = openness(bench);
    const booked = bookingOf(bench);
    if (before === after && bookedBefore === booked) return;
    for (const demand of bench.demands) {
      const { booking } = demand;
      const least = demand.allowMaintenance ? 1 : 2;
      const difference =
        Number(after >= least && booked === booking) - Number(before >= least && bookedBefore === booking);
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

  #make(demand: Demand, benches: ReadonlyMap<string, Bench>): Demand {
    const { key, requirements, booking } = demand;
    this.#demands.set(key, demand);
    if (booking !== '') this.#spending.set(booking, new Set([...this.spending(booking), demand]));
    const named = new Set(requirements.map(({ bench }) => bench));
    // No other bench can meet requirements that all name one, and looking at all of a large lab takes milliseconds.
    const candidates = named.has('') ? benches.values() : [...named].flatMap((name) => benches.get(name) ?? []);
    for (const bench of candidates) this.#join(demand, bench);
    this.version++;
    return demand;
  }

  #part(demand: Demand, bench: Bench): void {
    for (const fits of demand.matching) fits.delete(bench);
    demand.benches.delete(bench);
    bench.demands.delete(demand);
    if (demand.isOpen(bench)) demand.free--;
    this.refresh(demand);
  }

  #forgetSpending(demand: Demand): void {
    const { booking } = demand;
    const others = [...this.spending(booking)].filter((one) => one !== demand);
    if (others.length > 0) this.#spending.set(booking, new Set(others));
    else this.#spending.delete(booking);
  }

  #join(demand: Demand, bench: Bench): void {
    const { booking } = demand;
    if (booking !== '' && !bench.calendar.some(({ id }) => id === booking)) return;
    const matchable = asMatchable(bench);
    demand.requirements.forEach((requirement, i) => {
      if (!meets(requirement, matchable, demand.affinity)) return;
      const kept = matchable.affinity === '' ? 1 : 0;
      const weight = weightOf(requirement, matchable);
      demand.matching[i]?.set(bench, { bench, kept, weight, attributes: matchable.attributeCount });
    });
    if (!demand.matching.some((fits) => fits.has(bench))) return;
    demand.benches.add(bench);
    bench.demands.add(demand);
    if (demand.isOpen(bench)) demand.free++;
    this.refresh(demand);
  }
}
