import type { LeaseEvent } from '../src/domain/events.js';

/** What an audit needs to know of the store at the moment of a commit. */
export interface StoreNow {
  readonly nowMs: number;
  isAlive(session: string): boolean;
}

/**
 * Checks what is committed against the store as it is at that very moment, whatever the plan was made on: no grant to a
 * caller whose server process is gone (rule 9), none taken from one whose process lives, no TTL lease ended too early
 * (rule 8), no request queued twice. It looks at events only, never at the steps that should ensure this.
 */
export class LogAudit {
  /** Of requests and of leases, by id. */
  #sessions = new Map<string, string>();
  #deadlines = new Map<string, number>();
  #ttls = new Map<string, number>();

  copy(): LogAudit {
    const copy = new LogAudit();
    copy.#sessions = new Map(this.#sessions);
    copy.#deadlines = new Map(this.#deadlines);
    copy.#ttls = new Map(this.#ttls);
    return copy;
  }

  touched(lease: string, deadlineMs: number): void {
    this.#deadlines.set(lease, deadlineMs);
  }

  check(events: readonly LeaseEvent[], now: StoreNow): void {
    for (const event of events) this.#check(event, now);
  }

  #check(event: LeaseEvent, now: StoreNow): void {
    if (event.type === 'RequestQueued') {
      const { requestId, ttlMs } = event.spec;
      if (this.#sessions.has(requestId)) throw new Error(`request ${requestId} was queued a second time`);
      this.#sessions.set(requestId, event.session);
      if (ttlMs !== undefined) this.#ttls.set(requestId, ttlMs);
    } else if (event.type === 'RequestAttached') this.#sessions.set(event.requestId, event.session);
    else if (event.type === 'LeaseAttached') this.#sessions.set(event.leaseId, event.session);
    else if (event.type === 'LeaseGranted') {
      const session = this.#sessions.get(event.requestId) ?? '';
      if (!now.isAlive(session))
        throw new Error(`${event.requestId} was granted to a stream of ${session}, which is gone`);
      this.#sessions.set(event.leaseId, session);
      const ttlMs = this.#ttls.get(event.requestId);
      if (ttlMs !== undefined) this.#deadlines.set(event.leaseId, now.nowMs + ttlMs);
    } else if (event.type === 'LeaseEnded') this.#checkEnd(event, now);
  }

  #checkEnd({ leaseId, reason }: Extract<LeaseEvent, { type: 'LeaseEnded' }>, now: StoreNow): void {
    const session = this.#sessions.get(leaseId) ?? '';
    if (reason === 'SESSION_LOST' && now.isAlive(session))
      throw new Error(`${leaseId} ended for ${session}, which lives`);
    const leftMs = (this.#deadlines.get(leaseId) ?? Infinity) - now.nowMs;
    if (reason === 'EXPIRED' && leftMs > 0)
      throw new Error(`${leaseId} ended ${String(leftMs)} ms before its deadline`);
  }
}
