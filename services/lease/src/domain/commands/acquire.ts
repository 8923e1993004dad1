import { BerthError } from '@berth/kernel';
import type { Draft } from '../draft.js';
import type { Lease, Waiting } from '../entities.js';
import { assertFeasible } from '../feasible.js';
import type { RequestSpec } from '../model.js';
import type { LabState } from '../state.js';
import type { Outcome } from '../steps.js';
import type { Planned } from './planned.js';

/** Where a request stands. 'over' = it was granted or queued, and has ended since. */
export type Standing =
  | { readonly kind: 'waiting'; readonly request: Waiting }
  | { readonly kind: 'granted'; readonly lease: Lease }
  | { readonly kind: 'over' };

/**
 * Puts a request into the queue and grants it when it can be granted, or attaches its caller again to the place or the
 * lease that it has already. `session` is the session of the server process that the caller's stream hangs on.
 */
export function planAcquire(draft: Draft, spec: RequestSpec, session: string): Planned<Standing> {
  const { state } = draft;
  const known = state.requests.get(spec.requestId)?.spec ?? state.leaseOf.get(spec.requestId)?.spec;
  if (known !== undefined) reattach(draft, spec, session, known);
  else enqueue(draft, spec, session);
  return { data: '', answer: () => standingOf(state, spec.requestId) };
}

/** Where a request stands now. */
export function standingOf(state: LabState, requestId: string): Standing {
  const lease = state.leaseOf.get(requestId);
  if (lease !== undefined) return { kind: 'granted', lease };
  const request = state.requests.get(requestId);
  return request === undefined ? { kind: 'over' } : { kind: 'waiting', request };
}

function enqueue(draft: Draft, spec: RequestSpec, session: string): void {
  const { state, now } = draft;
  const { requirements, affinity, allowMaintenance, requestId } = spec;
  assertFeasible(state, state.demands.obtain(requirements, affinity, allowMaintenance, state.benches.values()));
  draft.emit({ type: 'RequestQueued', spec, atMs: now, session });
  draft.schedule();
  const request = state.requests.get(requestId);
  if (request !== undefined && spec.waitMs === 0) throw busy(request, now);
}

function reattach(draft: Draft, spec: RequestSpec, session: string, known: RequestSpec): void {
  const { state } = draft;
  assertSameRequest(spec.requestId, spec.fingerprint, known.fingerprint);
  const lease = state.leaseOf.get(spec.requestId);
  if (lease !== undefined) {
    if (lease.owner !== spec.owner) {
      throw endedError(spec.requestId, {
        fingerprint: '',
        end: 'TRANSFERRED',
        message: `${lease.id} to ${lease.owner}`,
      });
    }
    if (lease.hold === 'CONNECTION' && (lease.session !== session || lease.detachedUntilMs !== undefined)) {
      draft.emit({ type: 'LeaseAttached', leaseId: lease.id, session });
    }
    return;
  }
  const request = state.requests.get(spec.requestId);
  if (request !== undefined && (request.session !== session || request.detachedUntilMs !== undefined)) {
    draft.emit({ type: 'RequestAttached', requestId: spec.requestId, session });
    draft.schedule();
  }
}

/** Throws REQUEST_ID_REUSED when a request id comes back with another payload. */
export function assertSameRequest(requestId: string, fingerprint: string, known: string): void {
  if (fingerprint === known) return;
  const description = `'${requestId}' was used within the last 24 hours with another payload; take a new id for a new request`;
  throw new BerthError('REQUEST_ID_REUSED', `request_id: ${description}`, {
    fields: [{ field: 'request_id', description }],
  });
}

/** What to answer to an Acquire whose request id is remembered, but neither waits nor holds any more. */
export function endedError(requestId: string, outcome: Outcome): BerthError {
  const metadata = { end: outcome.end };
  if (outcome.end === 'TIMEOUT') {
    return new BerthError(
      'WAIT_TIMEOUT',
      `request '${requestId}' gave up when its wait_timeout was over, and gets nothing any more. Ask again with a new request_id.`,
      { metadata },
    );
  }
  return new BerthError(
    'REQUEST_ENDED',
    `request '${requestId}' has ended (${outcome.end.toLowerCase().replaceAll('_', ' ')}: ${outcome.message}). Ask again with a new request_id.`,
    { metadata },
  );
}

function busy(request: Waiting, now: number): BerthError {
  const benches = [...request.demand.benches].filter((bench) => !bench.retired).slice(0, 10);
  const holders = benches.map(({ spec, lease, condition }) => {
    if (condition.state !== 'READY')
      return { subject: spec.name, description: `'${spec.name}' is in ${condition.state}` };
    if (lease === undefined) return { subject: spec.name, description: `'${spec.name}' is kept for a better request` };
    const seconds = Math.round((now - lease.grantedMs) / 1000);
    const what = lease.spec.description === '' ? '' : ` (${lease.spec.description})`;
    return {
      subject: spec.name,
      description: `'${spec.name}' is held by ${lease.owner}${what} for ${String(seconds)} s`,
    };
  });
  return new BerthError(
    'BENCH_BUSY',
    `nothing is free for this request: ${holders.map((holder) => holder.description).join('; ')}. Wait in the queue with a wait_timeout, or try later.`,
    { quota: holders },
  );
}
