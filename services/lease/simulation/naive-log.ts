import type { LeaseEvent } from '../src/domain/events.js';
import type { LabRules } from '../src/domain/model.js';
import { scheduleNaively, specsOf } from './naive-schedule.js';
import type { NaiveBench, NaiveLease, NaiveRequest, NaiveState } from './naive-state.js';
import { holderOf, markUsed, same } from './naive-state.js';

type Of<T extends LeaseEvent['type']> = Extract<LeaseEvent, { type: T }>;

/**
 * Reads a committed log by the naive rules: what ends by time ends no sooner, and after each change exactly those are
 * granted who are to be granted, the right benches and in the right order.
 */
export class NaiveLog {
  #state: NaiveState = { benches: [], offers: [], queue: [], leases: [], claims: new Map(), tick: 0 };
  #requestOf = new Map<string, string>();

  constructor(readonly rules: LabRules) {}

  copy(): NaiveLog {
    const copy = new NaiveLog(this.rules);
    copy.#state = structuredClone(this.#state);
    copy.#requestOf = new Map(this.#requestOf);
    return copy;
  }

  /** Reads what was committed together. Throws when it breaks a rule. */
  read(events: readonly LeaseEvent[]): void {
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
  }

  #checkGrants(granted: readonly Of<'LeaseGranted'>[]): void {
    const is = granted.map(({ requestId, benches }) => ({ requestId, benches }));
    const shouldBe = scheduleNaively(this.#state, this.rules, granted[0]?.atMs ?? 0);
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
        this.#lease(event.leaseId).endMs = event.endMs;
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
        if (event.reason === 'MAX_DURATION') checkTime(event, lease.endMs ?? Infinity);
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
      case 'BenchPut': {
        const { spec, origin } = event;
        const bench = benches.find((one) => one.spec.name === spec.name);
        if (bench === undefined)
          benches.push({ spec, origin, condition: 'READY', retired: false, cleaning: false, lastUsed: 0 });
        else Object.assign(bench, { spec, origin, retired: false });
        return;
      }
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
    }
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
