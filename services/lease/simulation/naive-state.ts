import type {
  Announced,
  BenchSpec,
  ConditionState,
  HoldMode,
  LabRules,
  Offer,
  RequestSpec,
  ReservationSpec,
} from '../src/domain/model.js';

export interface NaiveBench {
  /** What it is: `described` with what is announced laid over it. */
  spec: BenchSpec;
  described: BenchSpec;
  announced: Announced;
  origin: string;
  condition: ConditionState;
  retired: boolean;
  /** Its last lease is over, and nobody gets it before it was cleaned. */
  cleaning: boolean;
  lastUsed: number;
}

export interface NaiveRequest {
  spec: RequestSpec;
  priority: number;
  arrivalMs: number;
  order: number;
  session: string;
  detachedUntilMs: number | undefined;
  keptUntilMs: number | undefined;
  aside: boolean;
}

export interface NaiveLease {
  spec: RequestSpec;
  owner: string;
  benches: string[];
  specs: BenchSpec[];
  grantedMs: number;
  hold: HoldMode;
  ttlMs: number | undefined;
  session: string;
  detachedUntilMs: number | undefined;
  /** What `max_duration` or an extension set; reservations may end it sooner. */
  ownEndMs: number | undefined;
  transferredFrom: string;
}

export interface NaiveReservation extends ReservationSpec {
  leadsMs: Record<string, number>;
  latestMs: number;
  started: boolean;
  used: boolean;
  order: number;
}

export interface NaiveState {
  benches: NaiveBench[];
  offers: Offer[];
  queue: NaiveRequest[];
  leases: NaiveLease[];
  /** Free benches that are kept for a request, by its id. */
  claims: Map<string, string>;
  reservations: NaiveReservation[];
  /** Reservations that are there no more, as long as they may be put late. */
  gone: { id: string; version: number; untilMs: number }[];
  tick: number;
}

/** Puts a bench as its owner describes it; what is announced of it stays, or becomes `announced`. */
export function putBenchNaively(state: NaiveState, described: BenchSpec, origin: string, announced?: Announced): void {
  let bench = state.benches.find((one) => one.spec.name === described.name);
  if (bench === undefined) {
    const nothing = { properties: {}, labels: {} };
    const fresh = { condition: 'READY', retired: false, cleaning: false, lastUsed: 0 } as const;
    bench = { spec: described, described, announced: nothing, origin, ...fresh };
    state.benches.push(bench);
  }
  const all = announced ?? bench.announced;
  const properties = { ...described.properties, ...all.properties };
  const labels = { ...described.labels, ...all.labels };
  Object.assign(bench, {
    spec: { ...described, properties, labels },
    described,
    announced: all,
    origin,
    retired: false,
  });
}

export function emptyState(): NaiveState {
  const claims = new Map<string, string>();
  return { benches: [], offers: [], queue: [], leases: [], claims, reservations: [], gone: [], tick: 0 };
}

/** Ends a lease; benches that are to be removed go with it. */
export function endNaively(state: NaiveState, lease: NaiveLease): void {
  state.leases = state.leases.filter((one) => one !== lease);
  state.tick++;
  for (const bench of state.benches.filter(({ spec }) => lease.benches.includes(spec.name))) {
    bench.lastUsed = state.tick;
    markUsed(bench);
  }
  sweepRetired(state);
}

/** Retired benches go once they are not held. */
export function sweepRetired(state: NaiveState): void {
  state.benches = state.benches.filter((bench) => !bench.retired || holderOf(state, bench.spec.name) !== undefined);
}

/** The queue, best first. */
export function ranked({ queue }: NaiveState, { priorityPointMs }: LabRules): NaiveRequest[] {
  return queue.toSorted((a, b) => {
    if (priorityPointMs === 'strict' && a.priority !== b.priority) return b.priority - a.priority;
    const point = priorityPointMs === 'strict' ? 0 : priorityPointMs;
    const score = (one: NaiveRequest): number => one.arrivalMs - one.priority * point;
    return score(a) - score(b) || a.order - b.order;
  });
}

export function holderOf({ leases }: NaiveState, bench: string): NaiveLease | undefined {
  return leases.find((lease) => lease.benches.includes(bench));
}

/** A lease is over, or may have been lost: a bench that asks for it is to be cleaned before it is lent again. */
export function markUsed(bench: NaiveBench): void {
  if (bench.spec.recycle === 'CLEAN') bench.cleaning = true;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
