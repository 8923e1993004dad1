import type { Clock, Logger } from '@berth/kernel';
import type { Change, Due, Lease, Reservation, Step, Waiting } from '../domain/index.js';
import { claimsUntilMs, planDue, schedule } from '../domain/index.js';
import type { Refusal } from '../ports/event-log.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';
import { Timetable } from './timetable.js';

/** After the store could not be asked or told. */
const AGAIN_MS = 1000;
/** Other replicas leave a step to the one that has the stream, for this long: it lands once in any case. */
const FOREIGN_DELAY_MS = 250;
/** Claims that a reservation may end are looked at so long after a change: once for many. */
const CLAIMS_DELAY_MS = 100;
const CLAIMS: Due = { kind: 'claims', id: '' };

export interface DeadlinesDeps {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The session that this process's streams hang on. */
  readonly session: () => string;
}

/**
 * Proposes what time demands: timeouts of waiting, ends of grace, of `max_duration` and of TTLs, starts and ends of
 * reservations. One timer for all.
 */
export class Deadlines implements ReplicaListener {
  readonly #deps: DeadlinesDeps;
  readonly #times: Timetable<Due>;
  /** Deadlines of TTL leases as far as this process knows: lower bounds, since others may have renewed. */
  readonly #known = new Map<string, number>();
  /** When claims are looked at next. */
  #claimsAtMs = Infinity;
  /**
   * When the store was last found to have lost something: graces count from there at least. It went back to an older copy, in which
   * a stream that has come back since is still gone, and its grace is over. Its own server attaches it anew; before that another
   * server would end its place, or its lease.
   */
  #lostMs = -Infinity;

  constructor(deps: DeadlinesDeps) {
    this.#deps = deps;
    const { clock, replica } = deps;
    this.#times = new Timetable<Due>({
      clock,
      now: () => replica.log.now(),
      isCurrent: (due) => this.#stillDue(due, Infinity),
      due: (dues) => {
        this.#fire(dues);
      },
    });
  }

  /** Begins with the state as it is: every live TTL lease must have been given a deadline. */
  start(): void {
    const refreshed = [...this.#known];
    this.#begin();
    // What `refreshAll` did is later than what the grants tell.
    for (const [id, atMs] of refreshed) this.#known.set(id, atMs);
  }

  stop(): void {
    this.#times.stop();
  }

  /** How long a TTL lease is valid at least, one that is only planned too; undefined for others. */
  remainingMs(lease: Lease): number | undefined {
    const atMs = this.#known.get(lease.id) ?? this.#fromGrant(lease);
    return atMs === undefined ? undefined : Math.max(0, atMs - this.#deps.replica.log.now());
  }

  /**
   * Starts TTL leases' time to live anew (with `missing`, of those that have no deadline in the store); for each whether it
   * was done (false: it has ended).
   */
  async touch(leases: readonly Lease[], missing = false): Promise<readonly boolean[]> {
    const { log } = this.#deps.replica;
    const sentMs = log.now();
    const spans = leases.map(({ id, ttlMs = 0 }) => ({ lease: id, ttlMs }));
    const done = await log.touch(spans, missing);
    spans.forEach(({ lease, ttlMs }, i) => {
      if (done[i] === true) this.#known.set(lease, sentMs + ttlMs);
    });
    return done;
  }

  /** How long TTL leases have left by the store, which knows of all renewals; undefined where it has no deadline. */
  async look(leaseIds: readonly string[]): Promise<readonly (number | undefined)[]> {
    const { log } = this.#deps.replica;
    // From when it was asked: what is left was counted before the answer was on its way.
    const sentMs = log.now();
    const left = await log.deadlines(leaseIds);
    leaseIds.forEach((id, i) => {
      const remaining = left[i] ?? 0;
      if (remaining > 0 && this.#known.has(id)) this.#known.set(id, sentMs + remaining);
    });
    return left;
  }

  /** Gives every live TTL lease a full fresh time to live: nobody could renew while the store or all servers were away. */
  async refreshAll(): Promise<void> {
    const ttls = [...this.#deps.replica.state.leases.values()].filter((lease) => lease.hold === 'TTL');
    if (ttls.length === 0) return;
    await this.touch(ttls);
    await this.touch(ttls, true);
  }

  applied(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'requestPut') this.#addRequest(change.request);
      else if (change.kind === 'leasePut') this.#addLease(change.lease);
      else if (change.kind === 'leaseEnded') this.#known.delete(change.lease.id);
      else if (change.kind === 'reservationPut') this.#addReservation(change.reservation);
    }
    this.#lookAtClaimsSoon();
  }

  reloaded(): void {
    this.#lostMs = this.#deps.replica.log.now();
    this.#begin();
  }

  #begin(): void {
    this.#times.clear();
    this.#known.clear();
    const { state } = this.#deps.replica;
    for (const request of state.requests.values()) this.#addRequest(request);
    for (const lease of state.leases.values()) this.#addLease(lease);
    for (const reservation of state.reservations.all()) this.#addReservation(reservation);
    this.#claimsAtMs = Infinity;
    this.#lookAtClaimsSoon();
  }

  #addRequest({ spec, waitUntilMs, detachedUntilMs, keptUntilMs, aside, session }: Waiting): void {
    const id = spec.requestId;
    if (waitUntilMs !== undefined) this.#add(waitUntilMs, session, { kind: 'wait', id });
    if (detachedUntilMs === undefined) return;
    const graceMs = Math.max(spec.graceMs, this.#deps.replica.state.rules.waiterGraceMs);
    this.#add(Math.max(detachedUntilMs, this.#lostMs + graceMs), session, { kind: 'requestGrace', id });
    if (!aside && keptUntilMs !== undefined && keptUntilMs < detachedUntilMs) {
      this.#add(keptUntilMs, session, { kind: 'keepBack', id });
    }
  }

  /**
   * A lower bound: renewals are not seen here, so the store is asked before the lease is ended. From the grant, and not from
   * now: a process that was paused learns of a grant late, and must not promise its caller a time that is over. But not from
   * a grant that lies in the future because the wall clock was set back between two runs.
   */
  #fromGrant({ ttlMs, grantedMs }: Lease): number | undefined {
    return ttlMs === undefined ? undefined : Math.min(grantedMs, this.#deps.replica.log.now()) + ttlMs;
  }

  #addLease(lease: Lease): void {
    const { id, endMs, detachedUntilMs, session, spec } = lease;
    const atMs = this.#known.has(id) ? undefined : this.#fromGrant(lease);
    if (atMs !== undefined) {
      this.#known.set(id, atMs);
      this.#times.push(atMs, { kind: 'ttl', id });
    }
    if (endMs !== undefined) this.#add(endMs, session, { kind: 'leaseEnd', id });
    if (detachedUntilMs === undefined) return;
    this.#add(Math.max(detachedUntilMs, this.#lostMs + spec.graceMs), session, { kind: 'leaseGrace', id });
  }

  #addReservation({ id, score: atMs }: Reservation): void {
    this.#times.push(atMs, { kind: 'reservation', id });
  }

  #lookAtClaimsSoon(): void {
    const { state, log } = this.#deps.replica;
    const mayLapse = state.reservations.size > 0 && state.demands.contending.size > 0;
    if (mayLapse) this.#lookAtClaims(log.now() + CLAIMS_DELAY_MS);
  }

  #lookAtClaims(atMs: number): void {
    if (atMs >= this.#claimsAtMs) return;
    this.#claimsAtMs = atMs;
    this.#times.push(atMs, CLAIMS);
  }

  /** A reservation that is too near for a request ends its claims: another one may have what was kept for it. */
  #checkClaims(now: number): void {
    const { state } = this.#deps.replica;
    this.#claimsAtMs = Infinity;
    if (state.reservations.size === 0) return;
    const { grants, claims } = schedule(state, now);
    if (grants.length > 0) this.#propose(CLAIMS);
    this.#lookAtClaims(claimsUntilMs(state, claims, now));
  }

  #add(atMs: number, session: string, due: Due): void {
    const foreign = session !== '' && session !== this.#deps.session();
    this.#times.push(atMs + (foreign ? FOREIGN_DELAY_MS : 0), due);
  }

  #fire(dues: readonly Due[]): void {
    const now = this.#deps.replica.log.now();
    const ttls = new Set<string>();
    for (const due of dues) {
      if (!this.#stillDue(due, now)) continue;
      if (due.kind === 'ttl') ttls.add(due.id);
      else if (due.kind === 'claims') this.#checkClaims(now);
      else this.#propose(due);
    }
    if (ttls.size > 0) void this.#checkTtls([...ttls]);
  }

  /** Drops what was overtaken by a change since it was put into the heap. */
  #stillDue({ kind, id }: Due, now: number): boolean {
    const { state } = this.#deps.replica;
    const request = state.requests.get(id);
    const lease = state.leases.get(id);
    const over = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= now;
    switch (kind) {
      case 'wait':
        return over(request?.waitUntilMs);
      case 'requestGrace':
        return over(request?.detachedUntilMs);
      case 'keepBack':
        return request?.aside === false && over(request.keptUntilMs);
      case 'leaseGrace':
        return over(lease?.detachedUntilMs);
      case 'leaseEnd':
        return over(lease?.endMs);
      case 'ttl':
        return lease?.hold === 'TTL';
      case 'reservation':
        return over(state.reservations.get(id)?.score);
      case 'claims':
        return true;
    }
  }

  /** Leases whose TTL may be over: renewals on any replica moved their deadlines in the store. */
  async #checkTtls(ids: readonly string[]): Promise<void> {
    const { replica, logger } = this.#deps;
    try {
      const left = await this.look(ids);
      const now = replica.log.now();
      const unarmed: string[] = [];
      ids.forEach((id, i) => {
        const remaining = left[i];
        if (remaining === undefined) unarmed.push(id);
        else if (remaining > 0) this.#times.push(now + remaining, { kind: 'ttl', id });
        else this.#propose({ kind: 'ttl', id });
      });
      await this.#armMissing(unarmed);
    } catch (error) {
      logger.warn({ err: error }, 'deadlines could not be read; trying again');
      for (const id of ids) this.#times.push(replica.log.now() + AGAIN_MS, { kind: 'ttl', id });
    }
  }

  /** A lease without a deadline (the soft state was lost) gets a fresh one. */
  async #armMissing(ids: readonly string[]): Promise<void> {
    const { replica } = this.#deps;
    const leases = ids.flatMap((id) => replica.state.leases.get(id) ?? []);
    if (leases.length === 0) return;
    await this.touch(leases, true);
    for (const { id, ttlMs = 0 } of leases) this.#times.push(replica.log.now() + ttlMs, { kind: 'ttl', id });
  }

  #propose(due: Due): void {
    const { replica, logger } = this.#deps;
    const again = (delayMs: number): void => {
      this.#times.push(replica.log.now() + delayMs, due);
    };
    const refused = (step: Step, refusal: Refusal): boolean => {
      if (step.kind !== 'overdue') return false;
      // It was renewed between our look and the append: the step in the append saw it.
      again(refusal.remainingMs ?? AGAIN_MS);
      return true;
    };
    replica
      .submit({ requestId: '', fingerprint: '', plan: (draft) => planDue(draft, due), refused })
      .catch((error: unknown) => {
        logger.warn({ err: error, due }, 'a deadline could not be acted upon; trying again');
        again(AGAIN_MS);
      });
  }
}
