import type { Demand } from '../src/domain/entities.js';
import type { Bench, Lease, Waiting } from '../src/domain/entities.js';
import type { LabState } from '../src/domain/state.js';
import type { QueueViews } from '../src/domain/views.js';
import type { Picture } from './lab-command.js';

/** Everything that a state holds, derived indexes included, as JSON texts in a fixed order. */
export interface Dump {
  readonly revision: number;
  readonly benches: readonly string[];
  readonly offers: readonly string[];
  readonly requests: readonly string[];
  readonly leases: readonly string[];
  readonly queue: readonly string[];
  readonly reservations: readonly string[];
  readonly goneReservations: readonly string[];
  /** By key. */
  readonly demands: readonly (readonly [string, unknown])[];
}

/** `known` = only the demands with these keys: a rolled back draft may leave new ones behind, without requests. */
export function dumpState(state: LabState, known?: ReadonlySet<string>): Dump {
  const demands: [string, unknown][] = [];
  for (const demand of state.demands.all()) {
    if (known?.has(demand.key) === false) continue;
    demands.push([demand.key, { ...dumpDemand(demand), contending: state.demands.contending.has(demand) }]);
  }
  return {
    revision: state.revision,
    benches: texts(state.benches.values(), (bench) => dumpBench(bench, known)),
    offers: texts(state.offers.values(), (offer) => offer),
    requests: texts(state.requests.values(), dumpRequest),
    leases: texts(state.leases.values(), (lease) => dumpLease(state, lease)),
    queue: [...state.queue].map((request) => request.spec.requestId),
    reservations: texts(state.reservations.all(), (reservation) => reservation),
    goneReservations: texts(state.reservations.allGone(), (gone) => gone),
    demands: demands.sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** The part of a dump that follows from the log alone: which idle demands a replica remembers does not. */
export function dumpFacts(state: LabState): Dump {
  return dumpState(state, new Set([...state.requests.values()].map((request) => request.demand.key)));
}

/** A state as the naive model shows its own. */
export function pictureOfState(state: LabState, views: QueueViews, claims: ReadonlyMap<Bench, Waiting>): Picture {
  return {
    queue: [...state.queue].map((request) => {
      const { spec, priority, arrivalMs, session, detachedUntilMs, keptUntilMs, aside } = request;
      const position = views.position(request);
      return { requestId: spec.requestId, priority, arrivalMs, session, detachedUntilMs, keptUntilMs, aside, position };
    }),
    leases: [...state.leases.values()]
      .map(
        ({
          spec,
          benches,
          specs,
          owner,
          grantedMs,
          hold,
          ttlMs,
          session,
          detachedUntilMs,
          ownEndMs,
          endMs,
          transferredFrom,
        }) => ({
          requestId: spec.requestId,
          owner,
          benches: benches.map((bench) => bench.spec.name),
          specs,
          grantedMs,
          hold,
          ttlMs,
          session,
          detachedUntilMs,
          ownEndMs,
          endMs,
          transferredFrom,
        }),
      )
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1)),
    benches: [...state.benches.values()]
      .map((bench) => ({
        spec: bench.spec,
        origin: bench.origin,
        condition: bench.condition.state,
        retired: bench.retired,
        cleaning: bench.cleaning !== 0,
        heldFor: bench.lease?.spec.requestId,
        claimedFor: claims.get(bench)?.spec.requestId,
      }))
      .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    offers: [...state.offers.keys()].sort(),
    reservations: [...state.reservations.all()]
      .map(({ id, version, benches, owners, startMs, endMs, leadsMs, started, used }) => {
        return { id, version, benches, owners, startMs, endMs, leadsMs, started, used };
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function dumpBench(bench: Bench, known: ReadonlySet<string> | undefined): unknown {
  const demands = [...bench.demands].map((demand) => demand.key).filter((key) => known?.has(key) !== false);
  return { ...bench, lease: bench.lease?.id, demands: demands.sort() };
}

function dumpRequest({ demand, account: _account, ...request }: Waiting): unknown {
  return { ...request, demand: demand.key };
}

function dumpLease(state: LabState, lease: Lease): unknown {
  const ofRequest = state.leaseOf.get(lease.spec.requestId) === lease;
  return { ...lease, benches: lease.benches.map((bench) => bench.spec.name), ofRequest };
}

function dumpDemand(demand: Demand): object {
  return {
    queue: [...demand.queue].map((request) => request.spec.requestId),
    aside: [...demand.aside].map((request) => request.spec.requestId),
    matching: demand.matching.map((fits) => namesOf(fits.keys())),
    benches: namesOf(demand.benches),
    free: demand.free,
  };
}

function namesOf(benches: Iterable<Bench>): string[] {
  return [...benches].map((bench) => bench.spec.name).sort();
}

function texts<T>(all: Iterable<T>, show: (one: T) => unknown): string[] {
  return [...all].map((one) => JSON.stringify(show(one))).sort();
}
