import type { Demand } from '../src/domain/entities.js';
import type { Bench, Reservation } from '../src/domain/entities.js';
import type { LabState } from '../src/domain/state.js';
import { canServe } from './naive-rules.js';

/** What of the state's derived and linked parts is not what a recomputation from scratch gives; empty = all is right. */
export function wrongIndexes(state: LabState): string[] {
  const wrong: string[] = [];
  const check = (what: string, is: unknown, shouldBe: unknown): void => {
    const [a, b] = [JSON.stringify(is), JSON.stringify(shouldBe)];
    if (a !== b) wrong.push(`${what}: is ${a}, should be ${b}`);
  };
  const benches = [...state.benches.values()];
  const requests = [...state.requests.values()].sort((a, b) => a.score - b.score || a.order - b.order);
  const ids = (some: Iterable<{ readonly spec: { readonly requestId: string } }>): string[] =>
    [...some].map((one) => one.spec.requestId);

  check('queue', ids(state.queue), ids(requests));
  check('contending', keysOf(state.demands.contending), keysOf([...state.demands.all()].filter(contends)));
  for (const demand of state.demands.all()) {
    const { key } = demand;
    for (const aside of [false, true]) {
      const its = requests.filter((request) => request.demand === demand && request.aside === aside);
      check(`${key} queue (aside: ${String(aside)})`, ids(aside ? demand.aside : demand.queue), ids(its));
    }
    check(`${key} queue size`, demand.queue.size, [...demand.queue].length);
    const lendable = benches.filter(({ spec }) => isBookedFor(state, spec.name, demand.booking));
    const sets = demand.requirements.map((requirement) =>
      lendable.filter((bench) => canServe(requirement, { ...bench.spec, origin: bench.origin }, demand.affinity)),
    );
    check(
      `${key} matching`,
      demand.matching.map((fits) => namesOf(fits.keys())),
      sets.map(namesOf),
    );
    const all = new Set(sets.flat());
    check(`${key} benches`, namesOf(demand.benches), namesOf(all));
    check(`${key} free`, demand.free, [...all].filter((bench) => isFreeFor(demand, bench)).length);
    for (const bench of benches) {
      if (bench.demands.has(demand) !== all.has(bench))
        wrong.push(`${key} at ${bench.spec.name}: is ${bench.demands.has(demand)}`);
    }
  }
  for (const bench of benches) {
    const holders = [...state.leases.values()].filter((lease) => lease.benches.includes(bench));
    check(
      `holders of ${bench.spec.name}`,
      holders.map((lease) => lease.id),
      bench.lease === undefined ? [] : [bench.lease.id],
    );
    const calendar = [...state.reservations.all()]
      .filter((one) => one.benches.includes(bench.spec.name))
      .sort((a, b) => a.startMs - b.startMs);
    check(`calendar of ${bench.spec.name}`, idsOf(bench.calendar), idsOf(calendar));
    check(`${bench.spec.name} is booked`, bench.booked?.id, calendar.find(({ started }) => started)?.id);
    const clear = calendar.filter(({ started }) => !started).map((one) => clearMs(one, bench.spec.name));
    check(`${bench.spec.name} is clear`, bench.clearMs, Math.min(Infinity, ...clear));
    if (bench.retired && bench.lease === undefined)
      wrong.push(`${bench.spec.name} is retired, not held, and still there`);
  }
  for (const lease of state.leases.values()) {
    check(`lease of ${lease.spec.requestId}`, state.leaseOf.get(lease.spec.requestId)?.id, lease.id);
    check(
      `${lease.id} has benches of the lab`,
      lease.benches.every((bench) => benches.includes(bench)),
      true,
    );
    const copies = lease.benches.filter(({ spec }, i) => spec !== lease.specs[i] && same(spec, lease.specs[i]));
    check(`${lease.id} has copies of the descriptions of`, namesOf(copies), []);
    for (const one of state.reservations.all()) {
      for (const { spec } of lease.benches.filter(({ spec }) => one.benches.includes(spec.name))) {
        const limitMs = one.id === lease.spec.booking ? one.endMs : clearMs(one, spec.name);
        if ((lease.endMs ?? Infinity) > limitMs)
          wrong.push(`${lease.id} has ${spec.name} longer than ${one.id} leaves it`);
        if (one.started && one.id !== lease.spec.booking)
          wrong.push(`${lease.id} has ${spec.name} in the time of ${one.id}`);
      }
    }
    check(`${lease.id} still waits`, state.requests.has(lease.spec.requestId), false);
  }
  check('leases by request', state.leaseOf.size, state.leases.size);
  checkUsage(state, check);
  return wrong;
}

function checkUsage(
  { usage, requests, leases }: LabState,
  check: (what: string, is: unknown, shouldBe: unknown) => void,
): void {
  if (usage === undefined) return;
  const held = [...leases.values()].map(({ owner, spec, benches }) => {
    return { owner, team: owner === spec.owner ? spec.team : undefined, count: benches.length };
  });
  const waiting = [...requests.values()];
  const sum = (of: typeof held): number => of.reduce((all, { count }) => all + count, 0);
  for (const [owner, share] of usage.owners) {
    check(`held by ${owner}`, share.held, sum(held.filter((one) => one.owner === owner)));
    check(`waiting of ${owner}`, share.waiting, waiting.filter(({ spec }) => spec.owner === owner).length);
  }
  for (const [team, share] of usage.teams) {
    check(`held by team ${team}`, share.held, sum(held.filter((one) => one.team === team)));
    check(`waiting of team ${team}`, share.waiting, waiting.filter(({ spec }) => spec.team === team).length);
  }
  for (const { spec, account } of waiting) {
    const its = [usage.owners.get(spec.owner), ...(spec.team === undefined ? [] : [usage.teams.get(spec.team)])];
    const isRight = account?.shares.length === its.length && its.every((share, i) => share === account.shares[i]);
    check(`the account of ${spec.requestId} is of its owner and team`, isRight, true);
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function contends(demand: Demand): boolean {
  return demand.queue.size > 0 && [...demand.benches].some((bench) => isFreeFor(demand, bench));
}

function isFreeFor(demand: Demand, bench: Bench): boolean {
  const { state } = bench.condition;
  const lent = state === 'READY' || (state === 'MAINTENANCE' && demand.allowMaintenance);
  const booking = bench.booked?.id ?? '';
  return lent && !bench.retired && bench.lease === undefined && bench.cleaning === 0 && booking === demand.booking;
}

function isBookedFor({ reservations }: LabState, name: string, booking: string): boolean {
  return booking === '' || reservations.get(booking)?.benches.includes(name) === true;
}

function clearMs({ startMs, leadsMs }: Reservation, name: string): number {
  return startMs - (leadsMs[name] ?? 0);
}

function idsOf(reservations: readonly Reservation[]): string[] {
  return reservations.map(({ id }) => id);
}

function namesOf(benches: Iterable<Bench>): string[] {
  return [...benches].map((bench) => bench.spec.name).sort();
}

function keysOf(demands: Iterable<Demand>): string[] {
  return [...demands].map((demand) => demand.key).sort();
}
