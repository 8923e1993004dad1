import { HoldMode, type Lease } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireRequest } from '@berth/proto/berth/lease/v1/lease_service';
import { Status } from 'nice-grpc-common';
import { acquireCall, type AcquireCallDeps, type LeaseEvent, type ReceivedEvent } from './acquire-call.js';
import { BerthError } from './berth-error.js';
import { isBroken } from './is-broken.js';
import { LeaseLostError } from './lease-lost-error.js';
import { backoffMs, type Patience, pause } from './middleware/retry.js';
import { newRequestId } from './new-request-id.js';
import { durationToMs, toDuration } from './span.js';

/** What `acquireStream` needs. */
export interface AcquireStreamDeps extends AcquireCallDeps {
  readonly patience: Patience;
  /** Told before each attempt to come back after the connection broke. */
  readonly onReconnecting?: ((error: BerthError) => void) | undefined;
  /** True when nobody else knows the request id, so a place that was lost may be asked for anew under another one. */
  readonly mayAskAnew: boolean;
  /** True when the request is given up: what ends then is not begun again. */
  readonly isLeaving: () => boolean;
}

/**
 * The events of one request over as many connections as it takes. A broken stream is opened again with the same request
 * id: a waiting request keeps its place (or, where its grace is over, asks anew), a held lease with a reconnect grace is
 * found again. Ends after `ended`, and after `granted` for TTL and MANUAL. Throws `LeaseLostError` when a held lease is
 * gone, and the server's error when the request was refused.
 */
export async function* acquireStream(
  first: AcquireRequest,
  deps: AcquireStreamDeps,
): AsyncGenerator<ReceivedEvent, void> {
  const { clock, signal } = deps;
  let request = first;
  const giveUpAt = first.waitTimeout ? clock.now() + durationToMs(first.waitTimeout) : Infinity;
  let held: Lease | undefined;
  let answered = false;
  let attempt = 0;
  for (;;) {
    try {
      for await (const received of acquireCall(request, deps)) {
        const { event } = received;
        attempt = 0;
        answered = true;
        if (held) assertSame(held, event);
        if (event.$case === 'granted') held = event.value.lease;
        yield received;
        if (event.$case === 'ended') return;
      }
      if (held && held.hold !== HoldMode.CONNECTION) return;
      throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server closed the stream without an answer');
    } catch (error) {
      signal.throwIfAborted();
      if (deps.isLeaving()) throw error;
      if (!held && deps.mayAskAnew && isPlaceLost(error)) {
        request = anew(first, giveUpAt - clock.now());
        continue;
      }
      if (!isBroken(error)) throw held ? lostWhileAway(held, error) : error;
      if (held && !first.reconnectGrace) throw lostWhileAway(held, error);
      attempt++;
      if (!answered && attempt >= deps.patience.attempts) throw error;
      if (!held && clock.now() >= giveUpAt) throw waitedInVain(error);
      deps.onReconnecting?.(error);
      await pause(backoffMs(attempt, error), signal);
    }
  }
}

/** True when the server forgot a request that waited, because nobody was connected to it for longer than its grace. */
function isPlaceLost(error: unknown): boolean {
  return error instanceof BerthError && error.reason === 'REQUEST_ENDED';
}

function anew(first: AcquireRequest, leftMs: number): AcquireRequest {
  const left = first.waitTimeout ? { waitTimeout: toDuration(Math.max(leftMs, 0)) } : {};
  return { ...first, requestId: newRequestId(), ...left };
}

/** A stream that comes back after a break must tell of the lease that was held; anything else means that it is gone. */
function assertSame(held: Lease, event: LeaseEvent): void {
  const other = event.$case === 'granted' && event.value.lease?.fencingToken !== held.fencingToken;
  if (event.$case !== 'queued' && !other) return;
  throw new LeaseLostError('REPLACED', `lease ${held.id} ended while the connection was broken`);
}

function lostWhileAway(held: Lease, cause: unknown): LeaseLostError {
  if (cause instanceof LeaseLostError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new LeaseLostError('CONNECTION_LOST', `lease ${held.id} is lost: the connection broke (${text})`, '', {
    cause,
  });
}

function waitedInVain(cause: BerthError): BerthError {
  const text = `the wait timeout is over, and the server could not be reached at the end of it: ${cause.message}`;
  return new BerthError('WAIT_TIMEOUT', Status.DEADLINE_EXCEEDED, text, cause.details, false, { cause });
}
