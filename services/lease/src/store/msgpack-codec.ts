import { Packr } from 'msgpackr';
import type {
  Announced,
  Bench,
  BenchSpec,
  Demand,
  GoneReservation,
  LabState,
  Lease,
  LeaseEvent,
  Offer,
  RequestSpec,
  Reservation,
  Waiting,
} from '../domain/index.js';
import { endMsOf, isNothing, laidOver, NOTHING_ANNOUNCED } from '../domain/index.js';
import type { Codec } from '../ports/codec.js';

/** Plain MessagePack maps: any MessagePack reader can read what is stored. */
const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false });

const VERSION = 1;

interface StoredBench {
  /** What its owner describes. */
  readonly spec: BenchSpec;
  /** Absent = nothing; not in snapshots of versions that did not know it. */
  readonly announced?: Announced;
  readonly origin: string;
  readonly condition: Bench['condition'];
  readonly retired: boolean;
  /** Not in snapshots of versions that did not know it. */
  readonly cleaning?: number;
  readonly lastUsed: number;
  readonly revision: number;
  readonly holdAverageMs: number;
}

interface StoredRequest {
  readonly spec: RequestSpec;
  readonly arrivalMs: number;
  readonly order: number;
  readonly priority: number;
  readonly session: string;
  readonly detachedUntilMs?: number;
  /** Not in snapshots of versions that kept benches back as long as the place. */
  readonly keptUntilMs?: number;
  readonly aside?: boolean;
}

interface StoredLease extends Omit<Lease, 'benches' | 'specs' | 'ttlMs' | 'detachedUntilMs' | 'ownEndMs' | 'endMs'> {
  readonly benches: readonly string[];
  /** How benches were granted that are described otherwise now; not in snapshots of versions that did not know. */
  readonly specs?: readonly BenchSpec[];
  readonly ttlMs?: number;
  readonly detachedUntilMs?: number;
  /** Not in snapshots of versions without reservations: there `endMs` is its own. */
  readonly ownEndMs?: number;
  readonly endMs?: number;
}

/** A reservation without what follows from the rest. */
type StoredReservation = Omit<Reservation, 'score'>;

interface StoredState {
  readonly version: number;
  readonly revision: number;
  readonly benches: readonly StoredBench[];
  readonly offers: readonly Offer[];
  readonly requests: readonly StoredRequest[];
  readonly leases: readonly StoredLease[];
  /** This and the next are not in snapshots of versions that did not know them. */
  readonly reservations?: readonly StoredReservation[];
  readonly goneReservations?: readonly (readonly [string, GoneReservation])[];
}

/** Leaves out what is undefined: an absent key reads back as undefined. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

function storedBench(bench: Bench): StoredBench {
  const { base: spec, announced, origin, condition, retired, cleaning, lastUsed, revision, holdAverageMs } = bench;
  const stored = { spec, origin, condition, retired, cleaning, lastUsed, revision, holdAverageMs };
  return isNothing(announced) ? stored : { ...stored, announced };
}

function storedRequest(request: Waiting): StoredRequest {
  const { spec, arrivalMs, order, priority, session, detachedUntilMs, keptUntilMs } = request;
  const aside = request.aside ? true : undefined;
  return defined({ spec, arrivalMs, order, priority, session, detachedUntilMs, keptUntilMs, aside }) as StoredRequest;
}

function storedLease(lease: Lease): StoredLease {
  const specs = lease.specs.filter((spec, i) => spec !== lease.benches[i]?.spec);
  return defined({
    ...lease,
    benches: lease.benches.map((bench) => bench.spec.name),
    specs: specs.length > 0 ? specs : undefined,
  }) as StoredLease;
}

function encodeState(state: LabState): Uint8Array {
  const stored = {
    version: VERSION,
    revision: state.revision,
    benches: [...state.benches.values()].map(storedBench),
    offers: [...state.offers.values()],
    requests: [...state.queue].map(storedRequest),
    leases: [...state.leases.values()].map(storedLease),
    reservations: [...state.reservations.all()].map(({ score: _score, ...reservation }) => reservation),
    goneReservations: [...state.reservations.allGone()],
  };
  return packr.pack(stored);
}

function decodeState(bytes: Uint8Array, state: LabState): void {
  const stored = packr.unpack(bytes) as StoredState;
  if (stored.version !== VERSION) {
    throw new Error(`the snapshot has version ${String(stored.version)}; this Berth reads version ${String(VERSION)}`);
  }
  for (const bench of stored.benches) {
    const derived = {
      lease: undefined,
      demands: new Set<Demand>(),
      calendar: [],
      booked: undefined,
      clearMs: Infinity,
    };
    const { spec: base, announced = NOTHING_ANNOUNCED } = bench;
    state.restoreBench({ cleaning: 0, ...derived, ...bench, spec: laidOver(base, announced), base, announced });
  }
  for (const reservation of stored.reservations ?? []) {
    state.reservations.restore({
      ...reservation,
      score: reservation.started ? reservation.endMs : reservation.startMs,
    });
  }
  for (const [id, gone] of stored.goneReservations ?? []) state.reservations.restoreGone(id, gone);
  for (const offer of stored.offers) state.offers.set(offer.pool, offer);
  for (const { spec, ...at } of stored.requests) {
    const { detachedUntilMs, keptUntilMs = detachedUntilMs, aside = false } = at;
    state.restoreRequest(spec, { ...at, detachedUntilMs, keptUntilMs, aside });
  }
  for (const lease of stored.leases) {
    const benches = lease.benches.map((name) => {
      const bench = state.benches.get(name);
      if (bench === undefined) throw new Error(`the snapshot's lease ${lease.id} holds the unknown bench '${name}'`);
      return bench;
    });
    const { ttlMs, detachedUntilMs } = lease;
    const ownEndMs = stored.reservations === undefined ? lease.endMs : lease.ownEndMs;
    const endMs = endMsOf(benches, lease.spec.booking ?? '', ownEndMs);
    const specs = benches.map(({ spec }) => lease.specs?.find(({ name }) => name === spec.name) ?? spec);
    state.restoreLease({ ...lease, benches, specs, ttlMs, detachedUntilMs, ownEndMs, endMs });
  }
  state.revision = stored.revision;
}

/** Events and states as MessagePack. */
export const msgpackCodec: Codec = {
  encodeEvent: (event) => packr.pack(event),
  decodeEvent: (bytes) => packr.unpack(bytes) as LeaseEvent,
  encodeState,
  decodeState,
};
