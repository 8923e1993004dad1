import { SYSTEM } from '@berth/kernel';
import type { Draft } from '../draft.js';
import { endInTime, endLease } from '../end-lease.js';
import type { Lease, Waiting } from '../entities.js';

/**
 * The caller's stream is gone: place or connection lease end at once, or are kept for the request's grace; a place for
 * `leastGraceMs` at least. Does nothing when the request hangs on another session by now (its caller came back through
 * another replica).
 */
export function planDetach(draft: Draft, requestId: string, session: string, leastGraceMs = 0): void {
  const { state, now } = draft;
  const request = state.requests.get(requestId);
  if (request?.spec.unattended === true) return;
  if (request?.session === session && request.detachedUntilMs === undefined) {
    const graceMs = Math.max(request.spec.graceMs, leastGraceMs);
    if (graceMs > 0) {
      detach(draft, requestId, graceMs);
      draft.schedule();
      return;
    }
    leave(draft, request, 'DISCONNECTED');
  }
  const lease = state.leaseOf.get(requestId);
  if (lease?.hold === 'CONNECTION' && lease.session === session && lease.detachedUntilMs === undefined) {
    const { graceMs } = lease.spec;
    if (graceMs > 0) {
      draft.emit({ type: 'LeaseDetached', leaseId: lease.id, untilMs: now + graceMs });
      return;
    }
    endLease(draft, lease, 'DISCONNECTED', SYSTEM, 'the stream ended');
  }
  draft.schedule();
}

/**
 * Server processes are gone, and with them the streams that hung on their sessions. Their connection leases end (or keep
 * their grace); their waiters, whose clients are probably alive and will come back through another process, keep their
 * places for a while. All are planned before anything is granted: what one of them held goes to a waiter of another
 * otherwise.
 */
export function planSessionLost(draft: Draft, ...sessions: readonly string[]): void {
  const { state, now } = draft;
  const hanging = <T extends Waiting | Lease>(all: Iterable<T>): T[] =>
    [...all].filter((one) => sessions.includes(one.session) && one.detachedUntilMs === undefined);
  const requests = hanging(state.requests.values());
  const leases = hanging(state.leases.values());
  if (requests.length === 0 && leases.length === 0) return;
  const gone = new Set([...requests, ...leases].map(({ session }) => session));
  for (const session of gone) draft.require({ kind: 'sessionGone', session });
  for (const { spec } of requests) {
    detach(draft, spec.requestId, Math.max(spec.graceMs, state.rules.waiterGraceMs));
  }
  for (const lease of leases) {
    const { graceMs } = lease.spec;
    if (graceMs > 0) draft.emit({ type: 'LeaseDetached', leaseId: lease.id, untilMs: now + graceMs });
    else endLease(draft, lease, 'SESSION_LOST', SYSTEM, 'the server process that held the stream was lost');
  }
  draft.schedule();
}

/** Something whose time may have come. */
export interface Due {
  readonly kind: 'wait' | 'requestGrace' | 'keepBack' | 'leaseGrace' | 'leaseEnd' | 'ttl' | 'reservation' | 'claims';
  /** Id of a request, a lease or a reservation; none for claims, which lapse when a reservation comes too near. */
  readonly id: string;
}

/** Does what time demands, if it still does: every replica proposes it, and it lands once. */
export function planDue(draft: Draft, { kind, id }: Due): void {
  const { state, now } = draft;
  const over = (atMs: number | undefined): boolean => atMs !== undefined && atMs <= now;
  const request = state.requests.get(id);
  const lease = state.leases.get(id);
  if (kind === 'wait' && request !== undefined && over(request.waitUntilMs)) leave(draft, request, 'TIMEOUT');
  else if (kind === 'requestGrace' && request !== undefined && over(request.detachedUntilMs))
    leave(draft, request, 'DISCONNECTED');
  else if (kind === 'keepBack' && request !== undefined && over(request.keptUntilMs) && !request.aside) {
    draft.emit({ type: 'RequestSetAside', requestId: id });
  } else if (kind === 'leaseGrace' && lease !== undefined && over(lease.detachedUntilMs)) {
    endLease(draft, lease, 'DISCONNECTED', SYSTEM, 'the stream was gone, and reconnect_grace is over');
  } else if (kind === 'leaseEnd' && lease !== undefined && over(lease.endMs)) {
    endInTime(draft, lease);
  } else if (kind === 'ttl' && lease?.hold === 'TTL') {
    // Whether the deadline is over only the store knows: the event's `overdue` step decides.
    endLease(draft, lease, 'EXPIRED', SYSTEM, 'the TTL passed without a renewal');
  } else if (kind !== 'reservation' && kind !== 'claims') return;
  draft.schedule();
}

/** Keeps a place for a while, and what is free for it at most as long as the lab keeps benches back. */
function detach(draft: Draft, requestId: string, graceMs: number): void {
  const { now, state } = draft;
  const { keepBackMs } = state.rules;
  const keptUntilMs = now + Math.min(graceMs, keepBackMs);
  draft.emit({ type: 'RequestDetached', requestId, untilMs: now + graceMs, keptUntilMs });
  if (keepBackMs === 0) draft.emit({ type: 'RequestSetAside', requestId });
}

function leave(draft: Draft, { spec }: Waiting, reason: 'TIMEOUT' | 'DISCONNECTED'): void {
  const message = reason === 'TIMEOUT' ? 'wait_timeout is over' : 'the stream ended';
  draft.emit({ type: 'RequestGone', requestId: spec.requestId, reason, actor: SYSTEM, message, atMs: draft.now });
}
