import type { Announced, BenchSpec, LabRules, Lack } from '../src/domain/model.js';
import type { LabCommand, Picture } from './lab-command.js';
import { TRANSFER_TTL_MS } from './lab-command.js';
import { lacksNaively } from './naive-lacks.js';
import { scheduleNaively, specsOf } from './naive-schedule.js';
import { bookedEndOf, endOf } from './naive-bookings.js';
import { asksTooMuch, isHeldBack, lastsTooLong, waitsTooMuch, withLongest } from './naive-limits.js';
import { canBeMet, candidates, isLent } from './naive-matching.js';
import { pictureOf } from './naive-picture.js';
import { deleteNaively, putNaively, settleNaively } from './naive-reservations.js';
import type { NaiveBench, NaiveLease, NaiveRequest, NaiveReservation, NaiveState } from './naive-state.js';
import {
  emptyState,
  endNaively,
  holderOf,
  markUsed,
  putBenchNaively,
  ranked,
  same,
  sweepRetired,
} from './naive-state.js';

class Refused extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

type Of<K extends LabCommand['kind']> = Extract<LabCommand, { kind: K }>;

/**
 * The rules of a lab, as slow and as plain as they can be said: lists, every possibility tried, all recomputed at each
 * step. It shares the words of model.ts with the domain, and nothing else, so that a fault would have to be made twice.
 */
export class NaiveModel {
  #state: NaiveState = emptyState();

  constructor(readonly rules: LabRules) {}

  /** Best first. */
  get queue(): readonly Readonly<NaiveRequest>[] {
    return ranked(this.#state, this.rules);
  }

  get leases(): readonly Readonly<NaiveLease>[] {
    return this.#state.leases;
  }

  get benches(): readonly Readonly<NaiveBench>[] {
    return this.#state.benches;
  }

  get reservations(): readonly Readonly<NaiveReservation>[] {
    return this.#state.reservations;
  }

  /** When a lease ends at the latest. */
  endOf(lease: Readonly<NaiveLease>): number | undefined {
    return endOf(this.#state, lease);
  }

  /** Runs a command: 'ok', or the reason why it was refused, in which case nothing has changed. */
  run(command: LabCommand, now: number): string {
    const before = structuredClone(this.#state);
    try {
      this.#do(command, now);
      return 'ok';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#state = before;
      return error.reason;
    }
  }

  picture(): Picture {
    return pictureOf(this.#state, this.rules);
  }

  /** What waiting requests lack, as far as offers could make it. */
  lacks(): readonly Lack[] {
    return lacksNaively(this.#state, this.rules);
  }

  /** Whether a waiting request could be met one day. */
  canBeMet({ spec }: Readonly<NaiveRequest>): boolean {
    return canBeMet(this.#state, spec, (bench) => !bench.retired);
  }

  #do(command: LabCommand, now: number): void {
    const { queue, leases, benches, offers } = this.#state;
    switch (command.kind) {
      case 'acquire':
        return this.#acquire(command, now);
      case 'detach':
        return this.#detach(command, now);
      case 'sessionLost':
        return this.#sessionLost(command.session, now);
      case 'due':
        return this.#due(command, now);
      case 'cancel': {
        const request = this.#waiting(command.requestId);
        if (!command.by.operator && request.spec.owner !== command.by.name) throw new Refused('PERMISSION_DENIED');
        queue.splice(queue.indexOf(request), 1);
        return this.#schedule(now);
      }
      case 'prioritise':
        this.#waiting(command.requestId).priority = command.priority;
        return this.#schedule(now);
      case 'revoke':
      case 'release': {
        const lease = leases.find((one) => one.spec.requestId === command.requestId);
        if (lease === undefined) return;
        if (command.kind === 'release') {
          if (!command.by.operator && lease.owner !== command.by.name) throw new Refused('PERMISSION_DENIED');
          if (command.token === 'wrong') throw new Refused('STALE_TOKEN');
        }
        this.#end(lease);
        return this.#schedule(now);
      }
      case 'extend':
        return this.#extend(this.#held(command), command, now);
      case 'transfer':
        return this.#transfer(command, now);
      case 'createBench':
        if (benches.some((bench) => bench.spec.name === command.spec.name)) throw new Refused('BENCH_EXISTS');
        this.#put(command.spec, command.origin);
        return this.#schedule(now);
      case 'updateBench': {
        const bench = this.#bench(command.spec.name);
        if (command.etag === 'wrong') throw new Refused('STALE_ETAG');
        if (bench.retired) throw new Refused('BENCH_UNAVAILABLE');
        const ended = Object.fromEntries(command.settled.map((part) => [part, {}]));
        return this.#describe(bench, command.spec, { ...bench.announced, ...ended }, now);
      }
      case 'announce': {
        const bench = this.#bench(command.name);
        if (bench.retired) throw new Refused('BENCH_UNAVAILABLE');
        return this.#describe(bench, bench.described, { ...bench.announced, ...command.said }, now);
      }
      case 'deleteBench': {
        const bench = this.#bench(command.name);
        const isIdle = holderOf(this.#state, command.name) === undefined && !this.#state.claims.has(command.name);
        if (command.onlyIdle === true && !isIdle) throw new Refused('BENCH_IN_USE');
        this.#remove([bench], command.force);
        return this.#schedule(now);
      }
      case 'applyInventory':
        return this.#applyInventory(command, now);
      case 'setCondition':
        this.#bench(command.name).condition = command.state;
        return this.#schedule(now);
      case 'finishCleaning': {
        const bench = this.#bench(command.name);
        if (!bench.cleaning || command.token === 'wrong') throw new Refused('STALE_TOKEN');
        bench.cleaning = false;
        if (command.affinity !== undefined) {
          bench.described = { ...bench.described, affinity: command.affinity };
          bench.spec = { ...bench.spec, affinity: command.affinity };
        }
        return this.#schedule(now);
      }
      case 'cleanFree':
        for (const bench of benches) if (holderOf(this.#state, bench.spec.name) === undefined) markUsed(bench);
        return this.#schedule(now);
      case 'putOffer':
        this.#state.offers = [...offers.filter((offer) => offer.pool !== command.offer.pool), command.offer];
        return this.#schedule(now);
      case 'removeOffer':
        this.#state.offers = offers.filter((offer) => offer.pool !== command.pool);
        return this.#schedule(now);
      case 'putReservation': {
        this.#schedule(now);
        const reason = putNaively(this.#state, command.spec, command.force, this.rules, now);
        if (reason !== undefined) throw new Refused(reason);
        return this.#schedule(now);
      }
      case 'deleteReservation':
        this.#schedule(now);
        deleteNaively(this.#state, command.id, command.version, command.ifUnused, now);
        return this.#schedule(now);
    }
  }

  #acquire({ spec: asked, session }: Of<'acquire'>, now: number): void {
    const spec = withLongest(this.rules, asked);
    const { queue, leases } = this.#state;
    const lease = leases.find((one) => one.spec.requestId === spec.requestId);
    const request = queue.find((one) => one.spec.requestId === spec.requestId);
    const known = lease ?? request;
    const on = spec.unattended === true ? '' : session;
    if (known !== undefined) {
      if (known.spec.fingerprint !== spec.fingerprint) throw new Refused('REQUEST_ID_REUSED');
      if (lease !== undefined && lease.owner !== spec.owner) throw new Refused('REQUEST_ENDED');
      if (lease !== undefined && lease.hold !== 'CONNECTION') return;
      known.session = on;
      known.detachedUntilMs = undefined;
      if (request !== undefined) Object.assign(request, { keptUntilMs: undefined, aside: false });
      return this.#schedule(now);
    }
    if (spec.booking !== undefined) {
      const reservation = this.#state.reservations.find(({ id, endMs }) => id === spec.booking && endMs > now);
      if (reservation === undefined) throw new Refused('NO_SUCH_BOOKING');
      if (spec.asOperator !== true && !reservation.owners.includes(spec.owner)) throw new Refused('PERMISSION_DENIED');
    }
    if (!canBeMet(this.#state, spec, (bench) => !bench.retired)) throw new Refused('NO_SUCH_BENCH');
    const isReady = canBeMet(this.#state, spec, (bench) => isLent(bench, spec));
    if (spec.booking === undefined && !isReady) throw new Refused('BENCH_UNAVAILABLE');
    if (asksTooMuch(this.#state, this.rules, spec)) throw new Refused('QUOTA');
    const { priority } = spec;
    const order = this.#state.tick++;
    const attached = { detachedUntilMs: undefined, keptUntilMs: undefined, aside: false };
    queue.push({ spec, priority, arrivalMs: now, order, session: on, ...attached });
    this.#schedule(now);
    const waits = this.#state.queue.some((one) => one.spec.requestId === spec.requestId);
    if (!waits) return;
    if (spec.waitMs === 0) throw new Refused(isHeldBack(this.#state, this.rules, spec) ? 'QUOTA' : 'BENCH_BUSY');
    if (waitsTooMuch(this.#state, this.rules, spec)) throw new Refused('QUOTA');
  }

  #detach({ requestId, session }: Of<'detach'>, now: number): void {
    const { queue, leases } = this.#state;
    const hangs = (one: NaiveRequest | NaiveLease): boolean =>
      one.spec.requestId === requestId &&
      one.spec.unattended !== true &&
      one.session === session &&
      one.detachedUntilMs === undefined;
    const one = queue.find(hangs) ?? leases.find((lease) => lease.hold === 'CONNECTION' && hangs(lease));
    if (one === undefined) return;
    if (one.spec.graceMs > 0) this.#leave(one, one.spec.graceMs, now);
    else if ('benches' in one) this.#end(one);
    else queue.splice(queue.indexOf(one), 1);
    this.#schedule(now);
  }

  #sessionLost(session: string, now: number): void {
    const hangs = (one: NaiveRequest | NaiveLease): boolean =>
      one.session === session && one.detachedUntilMs === undefined;
    for (const request of this.#state.queue.filter(hangs)) {
      this.#leave(request, Math.max(request.spec.graceMs, this.rules.waiterGraceMs), now);
    }
    for (const lease of this.#state.leases.filter(hangs)) {
      if (lease.spec.graceMs > 0) this.#leave(lease, lease.spec.graceMs, now);
      else this.#end(lease);
    }
    this.#schedule(now);
  }

  /** Its caller is gone: it is kept for so long, and benches for a waiter no longer than the rules say. */
  #leave(one: NaiveRequest | NaiveLease, graceMs: number, now: number): void {
    one.detachedUntilMs = now + graceMs;
    if ('benches' in one) return;
    one.keptUntilMs = now + Math.min(graceMs, this.rules.keepBackMs);
    if (this.rules.keepBackMs === 0) one.aside = true;
  }

  #due({ due, requestId }: Of<'due'>, now: number): void {
    const { queue, leases } = this.#state;
    const request = queue.find((one) => one.spec.requestId === requestId);
    const lease = leases.find((one) => one.spec.requestId === requestId);
    const gone =
      request !== undefined &&
      ((due === 'wait' && request.spec.waitMs !== undefined && request.arrivalMs + request.spec.waitMs <= now) ||
        (due === 'requestGrace' && request.detachedUntilMs !== undefined && request.detachedUntilMs <= now));
    const ended =
      lease !== undefined &&
      ((due === 'leaseGrace' && lease.detachedUntilMs !== undefined && lease.detachedUntilMs <= now) ||
        (due === 'leaseEnd' && (endOf(this.#state, lease) ?? Infinity) <= now) ||
        (due === 'ttl' && lease.hold === 'TTL'));
    if (gone) queue.splice(queue.indexOf(request), 1);
    if (due === 'keepBack' && request?.keptUntilMs !== undefined && request.keptUntilMs <= now) request.aside = true;
    if (ended) this.#end(lease);
    this.#schedule(now);
  }

  #extend(lease: NaiveLease, { by, durationMs }: Of<'extend'>, now: number): void {
    const endMs = now + durationMs;
    if (bookedEndOf(this.#state, lease) < endMs) throw new Refused('BENCH_BOOKED');
    const isForOther = by.operator && by.name !== lease.owner;
    if (!isForOther && lastsTooLong(this.rules, lease, endMs)) throw new Refused('QUOTA');
    lease.ownEndMs = endMs;
  }

  #transfer({ newOwner, hold, ...command }: Of<'transfer'>, now: number): void {
    const lease = this.#held(command);
    if (lease.transferredFrom === '') lease.transferredFrom = lease.owner;
    lease.owner = newOwner;
    lease.hold = hold;
    lease.ttlMs = hold === 'TTL' ? TRANSFER_TTL_MS : undefined;
    lease.grantedMs = now;
    lease.specs = specsOf(this.#state.benches, lease.benches);
    lease.session = '';
    lease.detachedUntilMs = undefined;
    if (this.rules.limits !== undefined) this.#schedule(now);
  }

  #applyInventory({ specs, prune, force }: Of<'applyInventory'>, now: number): void {
    const { benches } = this.#state;
    for (const spec of specs) {
      const bench = benches.find((one) => one.spec.name === spec.name);
      if (bench !== undefined && bench.origin !== 'inventory') throw new Refused('BENCH_EXISTS');
      this.#put(spec, 'inventory');
    }
    const surplus = benches.filter(
      (bench) => bench.origin === 'inventory' && !bench.retired && !specs.some((spec) => spec.name === bench.spec.name),
    );
    this.#remove(prune ? surplus : [], force);
    this.#schedule(now);
  }

  #put(spec: BenchSpec, origin: string): void {
    putBenchNaively(this.#state, spec, origin);
  }

  #describe(bench: NaiveBench, spec: BenchSpec, announced: Announced, now: number): void {
    if (same(bench.described, spec) && same(bench.announced, announced)) return;
    putBenchNaively(this.#state, spec, bench.origin, announced);
    this.#schedule(now);
  }

  #remove(gone: readonly NaiveBench[], force: boolean): void {
    const isReserved = ({ spec }: NaiveBench): boolean =>
      this.#state.reservations.some(({ benches }) => benches.includes(spec.name));
    if (!force && gone.some(isReserved)) throw new Refused('BENCH_BOOKED');
    // A pool may make another one: its benches go whoever waits, and who waits stays.
    const missed = gone.filter(({ origin }) => origin === 'inventory');
    const stranded = this.#state.queue.filter(
      ({ spec }) =>
        spec.booking === undefined &&
        missed.some((bench) => candidates(this.#state, spec).includes(bench.spec.name)) &&
        !canBeMet(
          this.#state,
          spec,
          (bench) => !bench.retired && !gone.some((one) => one.spec.name === bench.spec.name),
        ),
    );
    if (stranded.length > 0 && !force) throw new Refused('BENCH_WANTED');
    this.#state.queue = this.#state.queue.filter((request) => !stranded.includes(request));
    for (const bench of gone) {
      bench.retired = true;
      const lease = holderOf(this.#state, bench.spec.name);
      if (force && lease !== undefined) this.#end(lease);
    }
    sweepRetired(this.#state);
  }

  #end(lease: NaiveLease): void {
    endNaively(this.#state, lease);
  }

  #schedule(now: number): void {
    settleNaively(this.#state, now);
    scheduleNaively(this.#state, this.rules, now);
  }

  #waiting(requestId: string): NaiveRequest {
    const request = this.#state.queue.find((one) => one.spec.requestId === requestId);
    if (request === undefined) throw new Refused('NO_SUCH_REQUEST');
    return request;
  }

  #held({ requestId, by }: { requestId: string; by: { name: string; operator: boolean } }): NaiveLease {
    const lease = this.#state.leases.find((one) => one.spec.requestId === requestId);
    if (lease === undefined) throw new Refused('NO_SUCH_LEASE');
    if (!by.operator && lease.owner !== by.name) throw new Refused('PERMISSION_DENIED');
    return lease;
  }

  #bench(name: string): NaiveBench {
    const bench = this.#state.benches.find((one) => one.spec.name === name);
    if (bench === undefined) throw new Refused('NO_SUCH_BENCH');
    return bench;
  }
}
