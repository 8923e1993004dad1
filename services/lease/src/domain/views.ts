import type { Demand } from './entities.js';
import type { Bench, Reservation, Waiting } from './entities.js';
import type { Allowance, Shortage } from './allowance.js';
import { allowanceOf } from './allowance.js';
import { isMaking, makesFor, offersFor } from './feasible.js';
import type { Offer } from './model.js';
import { bookedShare, bookedStand } from './booked-share.js';
import type { BookedShare, BookedStand } from './booked-share.js';
import { claimsUntilMs, schedule } from './schedule.js';
import type { LabState } from './state.js';

export type WaitReason =
  | 'HELD'
  | 'PARTIAL'
  | 'CLAIMED'
  | 'UNAVAILABLE'
  | 'PROVISIONING'
  | 'OFFER_BLOCKED'
  | 'KEPT_BACK'
  | 'AWAY'
  | 'CLEANING'
  | 'BOOKED'
  | 'QUOTA';

/** A bench that could serve a demand, and for whom it is kept when it is free. */
export interface Candidate {
  readonly bench: Bench;
  readonly claimedBy: Waiting | undefined;
  /** The reservation that it has now, or next. */
  readonly booked: Reservation | undefined;
}

/** What all requests of a demand are told alike; the same object until something in it has changed. */
export interface DemandView {
  /** At most 100, by name. */
  readonly candidates: readonly Candidate[];
  readonly candidateTotal: number;
  readonly offers: readonly Offer[];
}

/** What a waiting request is told. */
export interface QueuedView {
  readonly request: Waiting;
  /** 1 = next among the requests that compete for the same benches. */
  readonly position: number;
  /** How many requests wait in the lab. */
  readonly waiting: number;
  readonly reason: WaitReason;
  /** The limit that holds it back, for QUOTA only. */
  readonly quota: Shortage | undefined;
  readonly claimed: readonly Bench[];
  /** From past holds, and the time that pools need to make a bench; undefined when neither is known. */
  readonly estimatedWaitMs: number | undefined;
  /** Until when the reason stays if nothing happens: reservations that come nearer may change it. */
  readonly untilMs: number;
  readonly shared: DemandView;
}

const MOST_CANDIDATES = 100;

/** Whether a request would be told the same: its place, why it waits, and what becomes of the benches that could serve it. */
export function sameView(a: QueuedView, b: QueuedView): boolean {
  return (
    a.position === b.position &&
    a.reason === b.reason &&
    a.shared === b.shared &&
    sameItems(a.claimed, b.claimed) &&
    sameShortage(a.quota, b.quota)
  );
}

function sameShortage(a: Shortage | undefined, b: Shortage | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.of === b.of && a.name === b.name && a.limit === b.limit && a.has === b.has;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** All that a view tells, to be compared: benches and leases are changed in place. */
function factsOf({ candidates, candidateTotal, offers }: DemandView, waitingFor: (bench: Bench) => number): unknown[] {
  const facts: unknown[] = [candidateTotal, ...offers];
  for (const { bench, claimedBy, booked } of candidates) {
    const { lease } = bench;
    facts.push(bench, bench.condition, bench.cleaning, claimedBy, waitingFor(bench), booked);
    facts.push(lease, lease?.endMs, lease?.detachedUntilMs);
  }
  return facts;
}

/** Derives what people see of the queue. What holds for many requests is derived once a revision. */
export class QueueViews {
  #revision = -1;
  #version = -1;
  #claims: ReadonlyMap<Bench, Waiting> = new Map();
  /** Until when the claims stay if nothing happens. */
  #claimsUntilMs = Infinity;
  readonly #claimedBy = new Map<Waiting, Bench[]>();
  readonly #shared = new Map<Demand, DemandView>();
  readonly #shares = new Map<Demand, BookedShare>();
  /** What was told last, whatever has happened since. */
  readonly #told = new WeakMap<Demand, { readonly view: DemandView; readonly facts: readonly unknown[] }>();
  readonly #rivals = new Map<Demand, readonly Demand[]>();
  /** Offers as they are to those that do not ask for what they make; the same object while the offer is the same. */
  readonly #unasked = new WeakMap<Offer, Offer>();

  readonly #allowance: Allowance | undefined;

  constructor(readonly state: LabState) {
    this.#allowance = allowanceOf(state);
  }

  queued(request: Waiting, now: number): QueuedView {
    this.#refresh(now);
    const { demand } = request;
    const shared = this.#sharedOf(demand);
    const position = this.position(request);
    const claimed = this.#claimedOf(request);
    const stand = this.state.reservations.size === 0 ? undefined : this.#standOf(request, now);
    const quota = this.#allowance?.shortOf(request);
    const reason = quota === undefined ? this.#reasonOf(request, shared, claimed, stand) : 'QUOTA';
    const isBooked = reason === 'BOOKED' && stand !== undefined && stand.endsMs < Infinity;
    const bookedMs = isBooked ? Math.max(0, stand.endsMs - now) : undefined;
    return {
      request,
      position,
      waiting: this.state.requests.size,
      reason,
      quota,
      claimed,
      // A limit ends when its owner gives something back.
      estimatedWaitMs:
        quota === undefined ? (bookedMs ?? estimateWait(demand, shared.offers, position, now)) : undefined,
      shared,
      untilMs: Math.min(stand?.untilMs ?? Infinity, this.#claimsUntilMs),
    };
  }

  /** 1 = next among the requests that compete for the same benches. */
  position(request: Waiting): number {
    this.#checkDemands();
    let before = 0;
    for (const rival of this.#rivalsOf(request.demand)) before += rival.countBefore(request);
    return before + 1;
  }

  /** The free benches that are kept for a request. */
  #claimedOf(request: Waiting): readonly Bench[] {
    return this.#claimedBy.get(request) ?? [];
  }

  /** How many requests wait that a bench could serve. */
  waitingFor(bench: Bench): number {
    let count = 0;
    for (const demand of bench.demands) count += demand.waiting;
    return count;
  }

  #standOf(request: Waiting, now: number): BookedStand {
    const { demand } = request;
    const known = this.#shares.get(demand) ?? bookedShare(demand);
    this.#shares.set(demand, known);
    return bookedStand(this.state, request, known, now);
  }

  /** `stand` is how the request stands with reservations, where there are any. */
  #reasonOf(
    request: Waiting,
    shared: DemandView,
    claimed: readonly Bench[],
    stand: BookedStand | undefined,
  ): WaitReason {
    const { demand } = request;
    const open = stand === undefined ? openBench(demand) : stand.open;
    // What it is granted once its caller is back: all that it needs is kept back for it, or nothing is any more.
    const away = request.aside ? open !== undefined : claimed.length === demand.requirements.length;
    if (away) return 'AWAY';
    if (claimed.length > 0) return 'PARTIAL';
    if (shared.offers.some(isMaking)) return 'PROVISIONING';
    const keptFor = open && this.#claims.get(open);
    // With reservations a bench may be free, and kept for nobody: for a request of several that is shut out from another.
    if (open !== undefined && (stand === undefined || keptFor !== undefined)) {
      return keptFor?.detachedUntilMs === undefined ? 'CLAIMED' : 'KEPT_BACK';
    }
    if (stand?.isShutOut === true) return 'BOOKED';
    const lent = lentState(demand);
    if (lent !== undefined) return lent;
    return shared.offers.length > 0 ? 'OFFER_BLOCKED' : 'UNAVAILABLE';
  }

  /** Forgets what was derived of demands when others share benches than did. */
  #checkDemands(): void {
    const { version } = this.state.demands;
    if (this.#version === version) return;
    this.#version = version;
    this.#rivals.clear();
    this.#shared.clear();
    this.#shares.clear();
  }

  #refresh(now: number): void {
    const { state } = this;
    this.#checkDemands();
    if (this.#revision === state.revision && now < this.#claimsUntilMs) return;
    this.#revision = state.revision;
    this.#claims = schedule(state, now).claims;
    this.#claimsUntilMs = state.reservations.size === 0 ? Infinity : claimsUntilMs(state, this.#claims, now);
    this.#claimedBy.clear();
    this.#shared.clear();
    this.#shares.clear();
    for (const [bench, request] of this.#claims) {
      const benches = this.#claimedBy.get(request);
      if (benches === undefined) this.#claimedBy.set(request, [bench]);
      else benches.push(bench);
    }
  }

  #sharedOf(demand: Demand): DemandView {
    const known = this.#shared.get(demand);
    if (known !== undefined) return known;
    const benches = [...demand.benches].filter((bench) => !bench.retired);
    benches.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
    const made: DemandView = {
      candidates: benches.slice(0, MOST_CANDIDATES).map((bench) => ({
        bench,
        claimedBy: this.#claims.get(bench),
        booked: bench.calendar[0],
      })),
      candidateTotal: benches.length,
      offers: this.#offersFor(demand),
    };
    const facts = factsOf(made, (bench) => this.waitingFor(bench));
    const last = this.#told.get(demand);
    const view = last !== undefined && sameItems(last.facts, facts) ? last.view : made;
    if (view === made) this.#told.set(demand, { view, facts });
    this.#shared.set(demand, view);
    return view;
  }

  /** The offers that a demand is told of. */
  #offersFor({ requirements, affinity, booking }: Demand): readonly Offer[] {
    // No pool makes what a booking has.
    if (booking !== '') return [];
    const all = new Set(requirements.flatMap((requirement) => offersFor(this.state, requirement, affinity)));
    return [...all].map((offer) => {
      if (requirements.some((requirement) => makesFor(offer, requirement))) return offer;
      const known = this.#unasked.get(offer) ?? unasked(offer);
      this.#unasked.set(offer, known);
      return known;
    });
  }

  /** The demands that share a bench with this one, itself included. */
  #rivalsOf(demand: Demand): readonly Demand[] {
    const known = this.#rivals.get(demand);
    if (known !== undefined) return known;
    const rivals = new Set([demand]);
    for (const bench of demand.benches) for (const other of bench.demands) rivals.add(other);
    const list = [...rivals];
    this.#rivals.set(demand, list);
    return list;
  }
}

/** What keeps all benches that are lent to a demand from it, when none is open: that which is likely to end first. */
function lentState(demand: Demand): 'CLEANING' | 'HELD' | undefined {
  let held = false;
  for (const bench of demand.benches) {
    if (!demand.isLent(bench)) continue;
    if (bench.cleaning !== 0) return 'CLEANING';
    held = true;
  }
  return held ? 'HELD' : undefined;
}

function openBench(demand: Demand): Bench | undefined {
  for (const bench of demand.benches) if (demand.isOpen(bench)) return bench;
  return undefined;
}

/** An offer as it is to those that do not ask for what it makes on demand. */
function unasked({ pool, onDemand = [], blockedReason, ...offer }: Offer): Offer {
  const why = `pool '${pool}' makes one only for a request that asks for ${onDemand.join(' or ')}`;
  return { ...offer, pool, onDemand, available: 0, starting: 0, blockedReason: blockedReason || why };
}

/** How long a request waits probably: the smaller of what past holds say, and of what pools need to make so many benches. */
function estimateWait(demand: Demand, offers: readonly Offer[], position: number, now: number): number | undefined {
  const made = offers.filter(isMaking).flatMap(({ makeTimeMs, concurrency = 1 }) => {
    return makeTimeMs === undefined ? [] : [makeTimeMs * Math.ceil(position / concurrency)];
  });
  const soonest = Math.min(estimateHold(demand, position, now) ?? Infinity, ...made);
  return soonest === Infinity ? undefined : soonest;
}

/** Past holds of the candidates, spread over those before this request. */
function estimateHold(demand: Demand, position: number, now: number): number | undefined {
  let sum = 0;
  let soonest = Infinity;
  let count = 0;
  for (const bench of demand.benches) {
    if (!demand.isLent(bench) || bench.holdAverageMs === 0) continue;
    count++;
    sum += bench.holdAverageMs;
    const heldMs = bench.lease === undefined ? 0 : now - bench.lease.grantedMs;
    soonest = Math.min(soonest, Math.max(bench.holdAverageMs - heldMs, bench.holdAverageMs / 10));
  }
  if (count === 0) return undefined;
  return Math.round(soonest + ((position - 1) * sum) / count / count);
}
