import type { LeaseEvent } from '../src/domain/events.js';
import type { LabRules } from '../src/domain/model.js';
import { endOf } from './naive-bookings.js';
import { scheduleNaively, specsOf } from './naive-schedule.js';
import type { NaiveBench, NaiveLease, NaiveRequest, NaiveReservation, NaiveState } from './naive-state.js';
import { emptyState, holderOf, markUsed, putBenchNaively, same } from './naive-state.js';

type Of<T extends LeaseEvent['type']> = Extract<LeaseEvent, { type: T }>;

/**
 * Reads a committed log by the naive rules: what ends by time ends no sooner, and after each change exactly those are
 * granted who are to be granted, the right benches and in the right order.
 */
export class NaiveLog {
  #state: NaiveState = emptyState();
  #requestOf = new Map<string, string>();
  /** When what is read was planned, if it tells. */
  #nowMs: number | undefined;

  constructor(readonly rules: LabRules) {}

  copy(): NaiveLog {
    const copy = new NaiveLog(this.rules);
    copy.#state = structuredClone(this.#state);
    copy.#requestOf = new Map(this.#requestOf);
    return copy;
  }

  /** Reads what was committed together. Throws when it breaks a rule. */
  read(events: readonly LeaseEvent[]): void {
    this.#nowMs = events.flatMap((event) => ('atMs' in event ? [event.atMs] : []))[0];
    let granted: Of<'LeaseGranted'>[] = [];
    for (const event of events) {
      if (event.type === 'LeaseGranted') {
        granted.push(event);
        continue;
      }
      if (granted.length > 0) this.#checkGrants(granted);
      granted = [];
      this.#apply(event);
    }
    this.#checkGrants(granted);
    this.#checkReservations();
  }

  /** When the leases end at the latest that reservations end, by their ids. */
  bookedEnds(): ReadonlyMap<string, number> {
    const ends = new Map<string, number>();
    for (const [id, requestId] of this.#requestOf) {
      const lease = this.#state.leases.find(({ spec }) => spec.requestId === requestId);
      const endMs = lease && endOf(this.#state, lease);
      if (lease !== undefined && endMs !== undefined && endMs !== lease.ownEndMs) ends.set(id, endMs);
    }
    return ends;
  }

  /** What was committed together leaves nobody on a bench in the time of another one's booking, and no booking in doubt. */
  #checkReservations(): void {
    const { reservations, leases, queue } = this.#state;
    for (const { id, started, benches } of reservations) {
      const others = leases.filter(({ spec, benches: held }) => {
        return spec.booking !== id && held.some((name) => benches.includes(name));
      });
      if (started && others.length > 0)
        throw new Error(`${id} has begun, and ${others[0]?.owner ?? ''} still has a bench of it`);
    }
    for (const { spec } of [...leases, ...queue]) {
      const isKnown = spec.booking === undefined || reservations.some(({ id }) => id === spec.booking);
      if (!isKnown) throw new Error(`${spec.requestId} spends ${spec.booking}, which is gone`);
    }
  }

  #checkGrants(granted: readonly Of<'LeaseGranted'>[]): void {
    const is = granted.map(({ requestId, benches }) => ({ requestId, benches }));
    // Nothing tells when it was planned, by which reservations leave more or less to those who wait.
    if (this.#nowMs === undefined && this.#state.reservations.length > 0) return;
    const shouldBe = scheduleNaively(this.#state, this.rules, this.#nowMs ?? 0);
    if (!same(is, shouldBe)) throw new Error(`granted ${JSON.stringify(is)}, and not ${JSON.stringify(shouldBe)}`);
    for (const { leaseId, requestId } of granted) this.#requestOf.set(leaseId, requestId);
  }

  #apply(event: Exclude<LeaseEvent, { type: 'LeaseGranted' }>): void {
    const { queue, leases, benches, offers } = this.#state;
    switch (event.type) {
      case 'RequestQueued': {
        const { spec, atMs, session } = event;
        const order = this.#state.tick++;
        const attached = { detachedUntilMs: undefined, keptUntilMs: undefined, aside: false };
        queue.push({ spec, priority: spec.priority, arrivalMs: atMs, order, session, ...attached });
        return;
      }
      case 'RequestAttached':
        Object.assign(this.#request(event.requestId), {
          session: event.session,
          detachedUntilMs: undefined,
          keptUntilMs: undefined,
          aside: false,
        });
        return;
      case 'RequestDetached': {
        const { untilMs, keptUntilMs } = event;
        Object.assign(this.#request(event.requestId), { detachedUntilMs: untilMs, keptUntilMs });
        return;
      }
      case 'RequestSetAside':
        this.#request(event.requestId).aside = true;
        return;
      case 'RequestPrioritised':
        this.#request(event.requestId).priority = event.priority;
        return;
      case 'RequestGone': {
        const request = this.#request(event.requestId);
        if (event.reason === 'TIMEOUT') checkTime(event, request.arrivalMs + (request.spec.waitMs ?? Infinity));
        if (event.reason === 'DISCONNECTED') checkTime(event, request.detachedUntilMs);
        queue.splice(queue.indexOf(request), 1);
        return;
      }
      case 'LeaseAttached':
        Object.assign(this.#lease(event.leaseId), { session: event.session, detachedUntilMs: undefined });
        return;
      case 'LeaseDetached':
        this.#lease(event.leaseId).detachedUntilMs = event.untilMs;
        return;
      case 'LeaseExtended':
        this.#lease(event.leaseId).ownEndMs = event.endMs;
        return;
      case 'LeaseTransferred': {
        const { leaseId, newLeaseId, newOwner: owner, hold, ttlMs, atMs: grantedMs } = event;
        const lease = this.#lease(leaseId);
        const specs = specsOf(benches, lease.benches);
        const detached = { session: '', detachedUntilMs: undefined };
        Object.assign(lease, { owner, hold, ttlMs, grantedMs, specs, transferredFrom: lease.owner, ...detached });
        this.#requestOf.set(newLeaseId, lease.spec.requestId);
        this.#requestOf.delete(leaseId);
        return;
      }
      case 'LeaseEnded': {
        const lease = this.#lease(event.leaseId);
        if (event.reason === 'MAX_DURATION') checkTime(event, lease.ownEndMs ?? Infinity);
        if (event.reason === 'BOOKED') checkTime(event, endOf(this.#state, lease) ?? Infinity);
        if (event.reason === 'DISCONNECTED') checkTime(event, lease.detachedUntilMs);
        leases.splice(leases.indexOf(lease), 1);
        this.#state.tick++;
        for (const bench of benches.filter(({ spec }) => lease.benches.includes(spec.name))) {
          bench.lastUsed = this.#state.tick;
          markUsed(bench);
        }
        this.#requestOf.delete(event.leaseId);
        return;
      }
      case 'BenchPut':
        putBenchNaively(this.#state, event.spec, event.origin, event.announced);
        return;
      case 'BenchRetired':
        this.#bench(event.name).retired = true;
        return;
      case 'BenchRemoved':
        if (holderOf(this.#state, event.name) !== undefined)
          throw new Error(`${event.name} is removed while it is held`);
        benches.splice(benches.indexOf(this.#bench(event.name)), 1);
        return;
      case 'BenchConditionSet':
        this.#bench(event.name).condition = event.condition.state;
        return;
      case 'BenchCleaning':
        if (holderOf(this.#state, event.name) !== undefined)
          throw new Error(`${event.name} is to be cleaned while it is held`);
        this.#bench(event.name).cleaning = true;
        return;
      case 'BenchCleaned':
        if (!this.#bench(event.name).cleaning) throw new Error(`${event.name} was cleaned, and needed no cleaning`);
        this.#bench(event.name).cleaning = false;
        return;
      case 'OfferPut':
        this.#state.offers = [...offers.filter((offer) => offer.pool !== event.offer.pool), event.offer];
        return;
      case 'OfferRemoved':
        this.#state.offers = offers.filter((offer) => offer.pool !== event.pool);
        return;
      case 'ReservationPut':
        this.#put(event);
        return;
      case 'ReservationStarted': {
        const one = this.#reservation(event.id);
        if (event.atMs < one.startMs) throw new Error(`${one.id} began ${String(one.startMs - event.atMs)} ms early`);
        one.started = true;
        return;
      }
      case 'ReservationGone': {
        const { reservations } = this.#state;
        if (event.reason === 'OVER' && event.atMs < this.#reservation(event.id).endMs)
          throw new Error(`${event.id} ended early`);
        this.#state.reservations = reservations.filter(({ id }) => id !== event.id);
        return;
      }
    }
  }

  #put({ type: _type, actor: _actor, atMs, leadsMs = {}, ...wanted }: Of<'ReservationPut'>): void {
    const { reservations } = this.#state;
    const known = reservations.find(({ id }) => id === wanted.id);
    const others = reservations.filter((one) => one !== known);
    if (known !== undefined && known.version >= wanted.version)
      throw new Error(`${wanted.id} went back to an older version`);
    for (const other of others) {
      const isApart = other.endMs <= wanted.startMs || wanted.endMs <= other.startMs;
      if (!isApart && other.benches.some((name) => wanted.benches.includes(name))) {
        throw new Error(`${wanted.id} and ${other.id} have the same bench at the same time`);
      }
    }
    const started = known?.started === true && wanted.startMs <= atMs;
    const more = {
      latestMs: 0,
      used: known?.used ?? false,
      order: this.#state.tick++,
      started,
      leadsMs: { ...leadsMs },
    };
    this.#state.reservations = [...others, { ...wanted, ...more }];
  }

  #reservation(id: string): NaiveReservation {
    return found(
      this.#state.reservations.find((one) => one.id === id),
      id,
    );
  }

  #request(id: string): NaiveRequest {
    return found(
      this.#state.queue.find(({ spec }) => spec.requestId === id),
      id,
    );
  }

  #lease(id: string): NaiveLease {
    const requestId = this.#requestOf.get(id);
    return found(
      this.#state.leases.find(({ spec }) => spec.requestId === requestId),
      id,
    );
  }

  #bench(name: string): NaiveBench {
    return found(
      this.#state.benches.find(({ spec }) => spec.name === name),
      name,
    );
  }
}

function found<T>(one: T | undefined, id: string): T {
  if (one === undefined) throw new Error(`the log tells of ${id}, which is not there`);
  return one;
}

/** Throws when something that time demands was done too early; `dueMs` undefined = it was not a matter of time. */
function checkTime(event: Of<'RequestGone'> | Of<'LeaseEnded'>, dueMs = 0): void {
  if (event.atMs < dueMs)
    throw new Error(`${event.type} for ${event.reason} came ${String(dueMs - event.atMs)} ms early`);
}
