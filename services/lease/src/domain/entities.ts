import { requirementKey } from './demand-key.js';
import type { Announced, BenchSpec, Condition, HoldMode, RequestSpec, Requirement, ReservationSpec } from './model.js';
import type { Ranked } from './ranked-queue.js';
import { RankedQueue } from './ranked-queue.js';
import type { Account } from './usage.js';

/** A bench of the lab, with its present holder. Changed by LabState only. */
export interface Bench {
  /** What it is: `base` with what is announced laid over it. */
  spec: BenchSpec;
  /** What its owner describes; `spec` itself while nothing is announced. */
  base: BenchSpec;
  announced: Announced;
  origin: string;
  condition: Condition;
  /** It goes when its present lease ends. */
  retired: boolean;
  /** The token of the lease after which it is to be cleaned; nobody gets it meanwhile. 0 = it needs no cleaning. */
  cleaning: number;
  lease: Lease | undefined;
  /** Revision of the end of its last lease; 0 = never used. */
  lastUsed: number;
  /** Revision of the last change of its description or condition: its etag. */
  revision: number;
  /** How long leases of it took so far, newer ones counting more; 0 = no history. */
  holdAverageMs: number;
  /** The demands that it could serve. Derived. */
  readonly demands: Set<Demand>;
  /** Its reservations, by start. This and the next two are derived. */
  calendar: readonly Reservation[];
  /** The reservation whose time it is. */
  booked: Reservation | undefined;
  /** When it must be clear for the next reservation that has not started; Infinity = there is none. */
  clearMs: number;
}

/** Time of benches that a booking has. Ranked by when it starts or, once it has started, ends. Changed by LabState only. */
export interface Reservation extends ReservationSpec, Ranked {
  /** How long before the start what is on a bench must end, by bench; those that need no time are left out. */
  readonly leadsMs: Readonly<Record<string, number>>;
  /** The latest end of all its versions: until then older puts may come. */
  readonly latestMs: number;
  /** Its time has come: its benches are open to it only. */
  started: boolean;
  /** A lease was granted that spends it. */
  used: boolean;
  score: number;
  order: number;
}

/** What is known of a reservation that is there no more. */
export interface GoneReservation {
  readonly version: number;
  readonly untilMs: number;
}

/** A request in the queue. Changed by LabState only. */
export interface Waiting extends Ranked {
  readonly spec: RequestSpec;
  demand: Demand;
  /** Where it counts; undefined where there are no limits. */
  readonly account: Account | undefined;
  readonly arrivalMs: number;
  /** When it gives up; undefined = never. */
  readonly waitUntilMs: number | undefined;
  priority: number;
  score: number;
  /** The session of the server process that its caller's stream hangs on; '' = it is unattended. */
  session: string;
  /** Set while no stream is attached: until when the place is kept. */
  detachedUntilMs: number | undefined;
  /** Set while no stream is attached: until when what is free is kept back for it as well. */
  keptUntilMs: number | undefined;
  /** True once that is over: it keeps its place, and gets and claims nothing until its caller is back. */
  aside: boolean;
}

/** A grant in force. Changed by LabState only. */
export interface Lease {
  readonly id: string;
  readonly spec: RequestSpec;
  readonly owner: string;
  readonly benches: readonly Bench[];
  /** How each of `benches` was described when it was granted: the bench's own `spec`, until the bench is changed. */
  readonly specs: readonly BenchSpec[];
  /** The fencing token: the revision of the grant. */
  readonly token: number;
  readonly arrivalMs: number;
  readonly grantedMs: number;
  readonly hold: HoldMode;
  readonly ttlMs: number | undefined;
  /** The first owner, when it was transferred. */
  readonly transferredFrom: string;
  /** For CONNECTION: the session that its stream hangs on. */
  session: string;
  /** For CONNECTION, while no stream is attached: until when it is kept. */
  detachedUntilMs: number | undefined;
  /** The end that `max_duration` or an extension set. */
  ownEndMs: number | undefined;
  /** When it ends at the latest: then, or when reservations of its benches demand. */
  endMs: number | undefined;
}

/** How well a bench meets a requirement: what of rule 5 stays as it is until the bench is described anew. */
export interface Fit {
  readonly bench: Bench;
  /** 0 = it is kept for the affinity of those who ask for it, 1 = for nobody. */
  readonly kept: 0 | 1;
  /** Sum of the weights that it gives to the requested attributes. */
  readonly weight: number;
  /** How many attributes it has in all, its entities' included. */
  readonly attributes: number;
}

/**
 * All requests that want exactly the same: one queue, and the benches that could serve it. A busy lab has few demands and
 * many requests, so whatever is derived for a demand is derived once.
 */
export class Demand {
  /** Requests that may be granted or claim something; the others are `aside`. */
  readonly queue = new RankedQueue<Waiting>();
  readonly aside = new RankedQueue<Waiting>();
  /** For each requirement the benches that meet it, whatever their condition; equal requirements share one map. */
  readonly matching: readonly Map<Bench, Fit>[];
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
    /** The booking that its requests spend; '' = none. */
    readonly booking: string,
  ) {
    const maps = new Map<string, Map<Bench, Fit>>();
    this.matching = requirements.map((requirement) => {
      const key = requirementKey(requirement);
      const fits = maps.get(key) ?? new Map<Bench, Fit>();
      maps.set(key, fits);
      return fits;
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

  /**
   * Whether a bench that meets a requirement could be granted to this demand now; whether long enough for a request is
   * another matter, see `isThere`.
   */
  isOpen(bench: Bench): boolean {
    return (
      bench.lease === undefined &&
      bench.cleaning === 0 &&
      this.isLent(bench) &&
      this.booking === (bench.booked === undefined ? '' : bench.booked.id)
    );
  }

  /** Whether a bench is lent at all to this demand; held or to be cleaned as it may be. */
  isLent(bench: Bench): boolean {
    const { state } = bench.condition;
    return !bench.retired && (state === 'READY' || (state === 'MAINTENANCE' && this.allowMaintenance));
  }
}
