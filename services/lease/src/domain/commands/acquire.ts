import { BerthError } from '@berth/kernel';
import { allowanceOf, longestHold, neverAllowed, tooManyWaiting } from '../allowance.js';
import { bookedText } from '../booked-time.js';
import type { Draft } from '../draft.js';
import type { Bench, Lease, Waiting } from '../entities.js';
import { assertFeasible, passedOver } from '../feasible.js';
import { asksTooLong, asksTooMany, heldBack, waitsTooMany } from '../limit-errors.js';
import type { RequestSpec } from '../model.js';
import { assertSameSpec } from '../same-request.js';
import type { LabState } from '../state.js';
import type { Answer } from '../steps.js';
import { assertMaySpend } from './reservations.js';

/**
 * Puts a request into the queue and grants it when it can be granted, or attaches its caller again to the place or the
 * lease that it has already. Tells the lease that it holds then; '' = it waits. `session` is the session of the server
 * process that the caller's stream hangs on; an unattended request hangs on none. With `anew` a caller is attached by an
 * event also where the request hangs on that session already.
 */
export function planAcquire(draft: Draft, asked: RequestSpec, session: string, anew = false): string {
  const { state } = draft;
  const { requestId } = asked;
  const known = state.requests.get(requestId)?.spec ?? state.leaseOf.get(requestId)?.spec;
  const on = asked.unattended === true ? '' : session;
  const spec = withLongestHold(state, asked);
  if (known !== undefined) reattach(draft, spec, on, known, anew && on !== '');
  else enqueue(draft, spec, on);
  return state.leaseOf.get(requestId)?.id ?? '';
}

/** A request as it is queued: without a `max_duration` it gets the longest hold that its owner and team may have. */
function withLongestHold({ rules }: LabState, spec: RequestSpec): RequestSpec {
  if (rules.limits === undefined || spec.maxDurationMs !== undefined) return spec;
  const longest = longestHold(rules.limits, spec);
  return longest === undefined ? spec : { ...spec, maxDurationMs: longest.limit };
}

function enqueue(draft: Draft, spec: RequestSpec, session: string): void {
  const { state, now } = draft;
  const { requestId, booking } = spec;
  if (booking !== undefined) assertMaySpend(draft, spec);
  const demand = state.demandOf(spec);
  assertFeasible(state, demand);
  assertAllowed(state, { spec, demand });
  draft.emit({ type: 'RequestQueued', spec, atMs: now, session });
  draft.schedule();
  const request = state.requests.get(requestId);
  if (request !== undefined) assertMayWait(state, request, now);
}

/** Throws QUOTA for what a limit never gives: it would wait for ever. */
function assertAllowed({ rules: { limits } }: LabState, { spec, demand }: Pick<Waiting, 'spec' | 'demand'>): void {
  if (limits === undefined) return;
  const short = neverAllowed(limits, spec, demand);
  if (short !== undefined) throw asksTooMany(short, { spec, demand });
  const longest = longestHold(limits, spec);
  if (longest !== undefined && (spec.maxDurationMs ?? 0) > longest.limit) throw asksTooLong(longest, spec);
}

/** Throws BENCH_BUSY, or QUOTA when a limit is in the way, for a request that is in the queue and may not be. */
function assertMayWait(state: LabState, request: Waiting, now: number): void {
  if (request.spec.waitMs === 0) {
    const short = allowanceOf(state)?.shortOf(request);
    throw short === undefined ? busy(state, request, now) : heldBack(short, request);
  }
  const tooMany = tooManyWaiting(request);
  if (tooMany !== undefined) throw waitsTooMany(tooMany, request.spec);
}

function reattach(draft: Draft, spec: RequestSpec, session: string, known: RequestSpec, anew: boolean): void {
  const { state } = draft;
  assertSameSpec(spec, known);
  const lease = state.leaseOf.get(spec.requestId);
  if (lease !== undefined) {
    if (lease.owner !== spec.owner) throw transferredError(lease);
    if (lease.hold === 'CONNECTION' && (anew || isElsewhere(lease, session))) {
      draft.emit({ type: 'LeaseAttached', leaseId: lease.id, session });
    }
    return;
  }
  const request = state.requests.get(spec.requestId);
  if (request !== undefined && (anew || isElsewhere(request, session))) {
    draft.emit({ type: 'RequestAttached', requestId: spec.requestId, session });
    draft.schedule();
  }
}

function isElsewhere(at: Lease | Waiting, session: string): boolean {
  return at.session !== session || at.detachedUntilMs !== undefined;
}

/** What a request's owner is told when somebody else has its lease by now. */
export function transferredError({ id, spec, owner }: Lease): BerthError {
  return endedError(spec.requestId, { fingerprint: '', end: 'TRANSFERRED', message: `${id} to ${owner}` });
}

/** What to answer to an Acquire whose request id has an answer: it neither waits nor holds any more. */
export function endedError(requestId: string, answer: Answer): BerthError {
  const metadata = { end: answer.end };
  if (answer.end === 'TIMEOUT') {
    return new BerthError(
      'WAIT_TIMEOUT',
      `request '${requestId}' gave up when its wait_timeout was over, and gets nothing any more. Ask again with a new request_id.`,
      { metadata },
    );
  }
  return new BerthError(
    'REQUEST_ENDED',
    `request '${requestId}' has ended (${answer.end.toLowerCase().replaceAll('_', ' ')}: ${answer.message}). Ask again with a new request_id.`,
    { metadata },
  );
}

function busy(state: LabState, request: Waiting, now: number): BerthError {
  const benches = [...request.demand.benches].filter((bench) => !bench.retired).slice(0, 10);
  const holders = benches.map((bench) => {
    const { name } = bench.spec;
    return { subject: name, description: `'${name}' is ${whyBusy(bench, now)}` };
  });
  const resources = holders.map(({ subject: name, description }, i) => ({
    type: 'berth.dev/Bench',
    name,
    owner: benches[i]?.lease?.owner ?? '',
    description,
  }));
  return new BerthError(
    'BENCH_BUSY',
    `nothing is free for this request: ${holders.map((holder) => holder.description).join('; ')}. ` +
      `${passedOver(state, request.demand)}Wait in the queue with a wait_timeout, or try later.`,
    { quota: holders, resources },
  );
}

function whyBusy({ lease, cleaning, condition, calendar: [next] }: Bench, now: number): string {
  if (condition.state !== 'READY') return `in ${condition.state}`;
  if (cleaning !== 0) return 'being cleaned after its last lease';
  if (lease === undefined) return next === undefined ? 'kept for a better request' : bookedText(next);
  const seconds = Math.round((now - lease.grantedMs) / 1000);
  const what = lease.spec.description === '' ? '' : ` (${lease.spec.description})`;
  return `held by ${lease.owner}${what} for ${String(seconds)} s`;
}
