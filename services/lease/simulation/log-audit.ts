import type { LeaseEvent } from '../src/domain/events.js';

/** What an audit needs to know of the world at the moment of a commit. */
export interface StoreNow {
  readonly nowMs: number;
  /** Of leases, before the commit. */
  readonly deadlines: ReadonlyMap<string, number>;
  isAlive(session: string): boolean;
  /** True while a caller has a stream for the request on the process with this session, and was told of it. */
  isAttached(requestId: string, session: string): boolean;
}

/**
 * Checks what is committed against the world as it is at that very moment, whatever the plan was made on: no grant to a
 * caller whose server process is gone (rule 9), none taken from one whose process lives and has its stream, no TTL lease
 * ended too early (rule 8), no request queued twice. It looks at events only, never at the steps that should ensure this.
 */
export class LogAudit {
  /** Of requests and of leases, by id; '' = it is unattended. */
  #sessions = new Map<string, string>();
  /** Of leases, by id. */
  #requests = new Map<string, string>();

  copy(): LogAudit {
    const copy = new LogAudit();
    copy.#sessions = new Map(this.#sessions);
    copy.#requests = new Map(this.#requests);
    return copy;
  }

  /** Throws when something was committed that must not be. */
  check(events: readonly LeaseEvent[], now: StoreNow): void {
    for (const event of events) this.#check(event, now);
  }

  #check(event: LeaseEvent, now: StoreNow): void {
    switch (event.type) {
      case 'RequestQueued': {
        const { requestId } = event.spec;
        if (this.#sessions.has(requestId)) throw new Error(`request ${requestId} was queued a second time`);
        this.#sessions.set(requestId, event.session);
        return;
      }
      case 'RequestAttached':
        this.#sessions.set(event.requestId, event.session);
        return;
      case 'LeaseAttached':
        this.#sessions.set(event.leaseId, event.session);
        return;
      case 'LeaseGranted': {
        const { requestId, leaseId } = event;
        const session = this.#sessions.get(requestId) ?? 'none';
        if (session !== '' && !now.isAlive(session))
          throw new Error(`${requestId} was granted to a stream of ${session}, which is gone`);
        this.#sessions.set(leaseId, session);
        this.#requests.set(leaseId, requestId);
        return;
      }
      case 'RequestDetached':
        this.#checkGone(event.requestId, event.requestId, now);
        return;
      case 'LeaseDetached':
        this.#checkGone(event.leaseId, this.#requests.get(event.leaseId) ?? '', now);
        return;
      case 'RequestGone':
        if (event.reason === 'DISCONNECTED') this.#checkGone(event.requestId, event.requestId, now);
        return;
      case 'LeaseEnded':
        this.#checkEnd(event, now);
        return;
      default:
        return;
    }
  }

  #checkGone(id: string, requestId: string, now: StoreNow): void {
    const session = this.#sessions.get(id) ?? 'none';
    if (session === '') throw new Error(`${id} is unattended, and is taken for want of a stream`);
    if (now.isAlive(session) && now.isAttached(requestId, session)) {
      throw new Error(`${id} is taken from the stream of ${requestId} on ${session}, which is there`);
    }
  }

  #checkEnd({ leaseId, reason }: Extract<LeaseEvent, { type: 'LeaseEnded' }>, now: StoreNow): void {
    const session = this.#sessions.get(leaseId) ?? '';
    if (reason === 'DISCONNECTED') this.#checkGone(leaseId, this.#requests.get(leaseId) ?? '', now);
    if (reason === 'SESSION_LOST' && now.isAlive(session))
      throw new Error(`${leaseId} ended for ${session}, which lives`);
    const leftMs = (now.deadlines.get(leaseId) ?? Infinity) - now.nowMs;
    if (reason === 'EXPIRED' && leftMs > 0) throw new Error(`${leaseId} ended ${leftMs} ms before its deadline`);
  }
}
