import { laidOver, NOTHING_ANNOUNCED } from './announced.js';
import type { Change } from './change.js';
import { endMsOf } from './booked-time.js';
import { DemandIndex } from './demand-index.js';
import type { Bench, Demand, Lease, Waiting } from './entities.js';
import type { LeaseEvent } from './events.js';
import { grantedLease, transferredLease } from './granted-lease.js';
import { Journal } from './journal.js';
import type { LabRules, Offer, RequestSpec, Requirement } from './model.js';
import { newBench } from './new-bench.js';
import { RankedQueue } from './ranked-queue.js';
import { ReservationIndex } from './reservation-index.js';
import { sameSpec } from './same-spec.js';
import { Usage } from './usage.js';

type Of<T extends LeaseEvent['type']> = Extract<LeaseEvent, { type: T }>;

/**
 * The whole state of a lab: it follows from the events alone, on every replica alike. `apply` is the only way to change it;
 * between `journal.begin` and `journal.rollback` changes can be taken back, which is how a draft is planned.
 */
export class LabState {
  readonly benches = new Map<string, Bench>();
  readonly offers = new Map<string, Offer>();
  readonly requests = new Map<string, Waiting>();
  readonly leases = new Map<string, Lease>();
  /** The lease that came from a request. */
  readonly leaseOf = new Map<string, Lease>();
  /** Every waiting request of the lab, best first. */
  readonly queue = new RankedQueue<Waiting>();
  readonly demands = new DemandIndex();
  readonly journal = new Journal();
  readonly reservations = new ReservationIndex(this);
  /** What owners and teams have; kept only where there are limits. */
  readonly usage: Usage | undefined;
  /** The revision of the last event applied. */
  revision = 0;

  constructor(readonly rules: LabRules) {
    this.usage = rules.limits === undefined ? undefined : new Usage(rules.limits, this.journal);
  }

  /** A smaller score is better; fixed at arrival but for a change of priority. */
  score(arrivalMs: number, priority: number): number {
    const { priorityPointMs } = this.rules;
    return arrivalMs - priority * (priorityPointMs === 'strict' ? 1e13 : priorityPointMs);
  }

  /** Applies an event that has this revision. Throws when it does not fit the state: the log would be corrupt. */
  apply(event: LeaseEvent, revision: number): readonly Change[] {
    this.journal.set<LabState, 'revision'>(this, 'revision', revision);
    switch (event.type) {
      case 'RequestQueued':
        return this.#requestQueued(event, revision);
      case 'RequestAttached': {
        const request = this.#request(event.requestId);
        this.journal.set(request, 'session', event.session);
        this.journal.set(request, 'detachedUntilMs', undefined);
        this.journal.set(request, 'keptUntilMs', undefined);
        return this.#requeue(request, 'aside', false);
      }
      case 'RequestDetached': {
        const request = this.#request(event.requestId);
        this.journal.set(request, 'detachedUntilMs', event.untilMs);
        this.journal.set(request, 'keptUntilMs', event.keptUntilMs ?? event.untilMs);
        return [{ kind: 'requestPut', request }];
      }
      case 'RequestSetAside':
        return this.#requeue(this.#request(event.requestId), 'aside', true);
      case 'RequestPrioritised': {
        const request = this.#request(event.requestId);
        this.journal.set(request, 'priority', event.priority);
        return this.#requeue(request, 'score', this.score(request.arrivalMs, event.priority));
      }
      case 'RequestGone': {
        const request = this.#request(event.requestId);
        this.#leaveQueue(request);
        return [{ kind: 'requestGone', request, reason: event.reason, actor: event.actor, message: event.message }];
      }
      case 'LeaseGranted':
        return this.#leaseGranted(event, revision);
      case 'LeaseAttached': {
        const lease = this.#lease(event.leaseId);
        this.journal.set(lease, 'session', event.session);
        this.journal.set(lease, 'detachedUntilMs', undefined);
        return [{ kind: 'leasePut', lease }];
      }
      case 'LeaseDetached': {
        const lease = this.#lease(event.leaseId);
        this.journal.set(lease, 'detachedUntilMs', event.untilMs);
        return [{ kind: 'leasePut', lease }];
      }
      case 'LeaseExtended': {
        const lease = this.#lease(event.leaseId);
        this.journal.set(lease, 'ownEndMs', event.endMs);
        this.journal.set(lease, 'endMs', endMsOf(lease.benches, lease.spec.booking ?? '', event.endMs));
        return [{ kind: 'leasePut', lease }];
      }
      case 'LeaseTransferred':
        return this.#leaseTransferred(event, revision);
      case 'LeaseEnded': {
        const lease = this.#lease(event.leaseId);
        const used = lease.benches.filter((bench) => bench.spec.recycle === 'CLEAN');
        // While it is still held: it must not be free for a moment.
        for (const bench of used) this.#around(bench, 'cleaning', lease.token);
        this.#dropLease(lease, event.atMs, revision);
        const { reason, actor, message, atMs } = event;
        const ended = { kind: 'leaseEnded', lease, reason, actor, message, atMs } as const;
        return [ended, ...used.map((bench) => ({ kind: 'benchPut', bench }) as const)];
      }
      case 'BenchPut': {
        const before = this.benches.get(event.spec.name)?.spec;
        const bench = this.#benchPut(event, revision);
        return [{ kind: 'benchPut', bench, described: bench.spec !== before }];
      }
      case 'BenchRetired': {
        const bench = this.#bench(event.name);
        this.#around(bench, 'retired', true);
        this.journal.set(bench, 'revision', revision);
        return [{ kind: 'benchPut', bench }];
      }
      case 'BenchRemoved': {
        this.#removeBench(this.#bench(event.name));
        return [{ kind: 'benchRemoved', name: event.name }];
      }
      case 'BenchConditionSet': {
        const bench = this.#bench(event.name);
        this.#around(bench, 'condition', event.condition);
        this.journal.set(bench, 'revision', revision);
        return [{ kind: 'benchPut', bench }];
      }
      case 'BenchCleaning':
        return this.#cleaning(this.#bench(event.name), revision);
      case 'BenchCleaned':
        return this.#cleaning(this.#bench(event.name), 0);
      case 'OfferPut':
        this.journal.put(this.offers, event.offer.pool, event.offer);
        return [{ kind: 'offerPut', offer: event.offer }];
      case 'OfferRemoved':
        this.journal.delete(this.offers, event.pool);
        return [{ kind: 'offerRemoved', pool: event.pool }];
      case 'ReservationPut': {
        const changes = this.reservations.put(event, revision);
        return [...changes, ...this.#askAgain(event.id)];
      }
      case 'ReservationStarted':
        return this.reservations.start(event.id);
      case 'ReservationGone':
        return this.reservations.end(event);
    }
  }

  /** The demand of a request: one that names no requirements asks for all benches of the booking that it spends. */
  demandOf({ requirements, affinity, allowMaintenance, booking = '' }: RequestSpec): Demand {
    const asked =
      requirements.length > 0 ? requirements : (this.reservations.get(booking)?.benches ?? []).map(requirementOf);
    return this.demands.obtain(asked, affinity, allowMaintenance, booking, this.benches);
  }

  /** Puts a waiting request into the queue: a new one, or one of a snapshot. */
  restoreRequest(
    spec: RequestSpec,
    at: Pick<Waiting, 'arrivalMs' | 'order' | 'priority' | 'session' | 'detachedUntilMs' | 'keptUntilMs' | 'aside'>,
  ): Waiting {
    const request: Waiting = {
      spec,
      demand: this.demandOf(spec),
      account: this.usage?.accountOf(spec),
      ...at,
      waitUntilMs: spec.waitMs === undefined ? undefined : at.arrivalMs + spec.waitMs,
      score: this.score(at.arrivalMs, at.priority),
    };
    this.journal.put(this.requests, spec.requestId, request);
    this.usage?.wait(request.account, 1);
    this.#joinQueue(request);
    return request;
  }

  /** Puts a bench into place: a new one, or one of a snapshot. */
  restoreBench(bench: Bench): void {
    if (this.reservations.size > 0) this.reservations.attach(bench);
    this.journal.put(this.benches, bench.spec.name, bench);
    this.journal.run(
      () => {
        this.demands.place(bench);
      },
      () => {
        this.demands.displace(bench);
      },
    );
  }

  /** Puts a lease in force: a new one, or one of a snapshot. */
  restoreLease(lease: Lease): void {
    this.journal.put(this.leases, lease.id, lease);
    this.journal.put(this.leaseOf, lease.spec.requestId, lease);
    this.usage?.hold(lease, 1);
    for (const bench of lease.benches) {
      if (bench.lease !== undefined) throw new Error(`bench '${bench.spec.name}' is held by lease ${bench.lease.id}`);
      this.#around(bench, 'lease', lease);
    }
  }

  #requestQueued(event: Of<'RequestQueued'>, revision: number): readonly Change[] {
    const { spec, atMs, session } = event;
    if (this.requests.has(spec.requestId)) throw new Error(`request ${spec.requestId} waits already`);
    const request = this.restoreRequest(spec, {
      arrivalMs: atMs,
      order: revision,
      priority: spec.priority,
      session,
      detachedUntilMs: undefined,
      keptUntilMs: undefined,
      aside: false,
    });
    return [{ kind: 'requestPut', request }];
  }

  /** Changes what a request's place in its queues hangs on. */
  #requeue<K extends 'score' | 'aside' | 'demand'>(request: Waiting, key: K, value: Waiting[K]): readonly Change[] {
    // Out of the queues meanwhile; the undo steps run backwards and mirror it.
    if (request[key] !== value) {
      this.#quitQueue(request);
      this.journal.set<Waiting, K>(request, key, value);
      this.#joinQueue(request);
    }
    return [{ kind: 'requestPut', request }];
  }

  /** Requests that ask for all benches of a booking want others when it has others. */
  #askAgain(booking: string): Change[] {
    const all = [...this.demands.spending(booking)].flatMap(({ queue, aside }) => [...queue, ...aside]);
    return all
      .filter(({ spec }) => spec.requirements.length === 0)
      .flatMap((request) => this.#requeue(request, 'demand', this.demandOf(request.spec)));
  }

  #leaseGranted(event: Of<'LeaseGranted'>, revision: number): readonly Change[] {
    const request = this.#request(event.requestId);
    const { spec } = request;
    this.#leaveQueue(request);
    const benches = event.benches.map((name) => this.#bench(name));
    const lease = grantedLease(event, request, benches, revision);
    this.restoreLease(lease);
    const put: Change = { kind: 'leasePut', lease };
    return spec.booking === undefined ? [put] : [put, ...this.reservations.use(spec.booking)];
  }

  #leaseTransferred(event: Of<'LeaseTransferred'>, revision: number): readonly Change[] {
    const old = this.#lease(event.leaseId);
    const { actor, message, atMs } = event;
    this.#dropLease(old, atMs, revision);
    const lease = transferredLease(event, old, revision);
    this.restoreLease(lease);
    return [
      { kind: 'leaseEnded', lease: old, reason: 'TRANSFERRED', actor, message, atMs },
      { kind: 'leasePut', lease },
    ];
  }

  #benchPut(event: Of<'BenchPut'>, revision: number): Bench {
    const { spec: base, origin, atMs } = event;
    const old = this.benches.get(base.name);
    const announced = event.announced ?? old?.announced ?? NOTHING_ANNOUNCED;
    const spec = laidOver(base, announced);
    if (old === undefined) {
      const bench = newBench(base, announced, { origin, atMs, revision });
      this.restoreBench(bench);
      return bench;
    }
    this.journal.run(
      () => {
        this.demands.displace(old);
      },
      () => {
        this.demands.place(old);
      },
    );
    // What says the same is the same object, also after a change that was taken back: see Lease.specs.
    const known = [old.spec, ...(old.lease?.specs ?? [])].find((one) => sameSpec(one, spec)) ?? spec;
    this.journal.set(old, 'spec', known);
    this.journal.set(old, 'base', spec === base ? known : base);
    this.journal.set(old, 'announced', announced);
    this.journal.set(old, 'origin', origin);
    this.journal.set(old, 'retired', false);
    this.journal.set(old, 'revision', revision);
    this.journal.run(
      () => {
        this.demands.place(old);
      },
      () => {
        this.demands.displace(old);
      },
    );
    return old;
  }

  #cleaning(bench: Bench, token: number): readonly Change[] {
    this.#around(bench, 'cleaning', token);
    return [{ kind: 'benchPut', bench }];
  }

  #removeBench(bench: Bench): void {
    if (bench.lease !== undefined) throw new Error(`bench '${bench.spec.name}' is removed while it is leased`);
    this.journal.run(
      () => {
        this.demands.displace(bench);
      },
      () => {
        this.demands.place(bench);
      },
    );
    this.journal.delete(this.benches, bench.spec.name);
  }

  #dropLease(lease: Lease, atMs: number, revision: number): void {
    this.journal.delete(this.leases, lease.id);
    this.journal.delete(this.leaseOf, lease.spec.requestId);
    this.usage?.hold(lease, -1);
    const heldMs = Math.max(1, atMs - lease.grantedMs);
    for (const bench of lease.benches) {
      this.#around(bench, 'lease', undefined);
      this.journal.set(bench, 'lastUsed', revision);
      const average = bench.holdAverageMs;
      this.journal.set(bench, 'holdAverageMs', average === 0 ? heldMs : 0.8 * average + 0.2 * heldMs);
    }
  }

  #leaveQueue(request: Waiting): void {
    this.#quitQueue(request);
    this.usage?.wait(request.account, -1);
    this.journal.delete(this.requests, request.spec.requestId);
  }

  #joinQueue(request: Waiting): void {
    this.journal.run(
      () => {
        this.demands.enqueue(request);
        this.queue.add(request);
      },
      () => {
        this.demands.dequeue(request);
        this.queue.remove(request);
      },
    );
  }

  #quitQueue(request: Waiting): void {
    this.journal.run(
      () => {
        this.demands.dequeue(request);
        this.queue.remove(request);
      },
      () => {
        this.demands.enqueue(request);
        this.queue.add(request);
      },
    );
  }

  /** Sets what decides whether a bench is free, keeping the demands' counts right in both directions. */
  #around<K extends 'lease' | 'retired' | 'condition' | 'cleaning'>(bench: Bench, key: K, value: Bench[K]): void {
    const before = bench[key];
    this.journal.run(
      () => {
        this.demands.around(bench, () => {
          bench[key] = value;
        });
      },
      () => {
        this.demands.around(bench, () => {
          bench[key] = before;
        });
      },
    );
  }

  #bench(name: string): Bench {
    const bench = this.benches.get(name);
    if (bench === undefined) throw new Error(`no bench '${name}'`);
    return bench;
  }

  #request(id: string): Waiting {
    const request = this.requests.get(id);
    if (request === undefined) throw new Error(`no request ${id}`);
    return request;
  }

  #lease(id: string): Lease {
    const lease = this.leases.get(id);
    if (lease === undefined) throw new Error(`no lease ${id}`);
    return lease;
  }
}

function requirementOf(bench: string): Requirement {
  return { bench, location: '', attributes: [], entities: [], pool: '', labels: {} };
}
