import { HoldMode, type Queued, type Warning } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireRequest, LeaseServiceClient } from '@berth/proto/berth/lease/v1/lease_service';
import { Status } from 'nice-grpc-common';
import { type AcquireOptions, toAcquireRequest } from './acquire-request.js';
import { acquireStream, type LeaseEvent, type ReceivedEvent } from './acquire-stream.js';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { confirmGrant } from './confirm-grant.js';
import { LeaseHandle } from './lease-handle.js';
import { LeaseLostError } from './lease-lost-error.js';
import type { BerthCallOptions } from './middleware/index.js';
import type { Patience } from './middleware/retry.js';
import { durationToMs } from './span.js';

/** Who is told what while waiting and holding. */
export interface AcquireCallbacks {
  /** Ends the waiting: the request leaves the queue and the call throws the signal's reason. Has no effect afterwards. */
  signal?: AbortSignal;
  /** Where the request stands; at once, and when something in it has changed. */
  onQueued?: (queued: Queued) => void;
  /** Something will happen to the lease. */
  onWarning?: (warning: Warning) => void;
  /** The connection broke and is being made again; while waiting, or while holding with a reconnect grace. */
  onReconnecting?: (error: BerthError) => void;
}

/** What acquiring needs; `connect` gives it. */
export interface AcquireDeps {
  readonly lease: LeaseServiceClient<BerthCallOptions>;
  readonly clock: ClientClock;
  readonly patience: Patience;
  readonly lab: string;
}

const ABANDON_TIMEOUT_MS = 5000;
/** A grant without an end that took longer is asked about: the process may have been stopped before it read it. */
const LATE_MS = 1000;

/** Waits for benches and holds them; see `Berth.acquire`. */
export async function acquireLease(
  deps: AcquireDeps,
  options: AcquireOptions & AcquireCallbacks,
): Promise<LeaseHandle> {
  const request = toAcquireRequest(options, deps.lab);
  const stop = new AbortController();
  const giveUp = (): void => {
    stop.abort(options.signal?.reason);
  };
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  let handle: LeaseHandle | undefined;
  let { requestId } = request;
  let waited = false;
  let granted = false;
  const events = acquireStream(request, {
    ...deps,
    signal: stop.signal,
    mayAskAnew: options.requestId === undefined,
    onReconnecting: (error) => {
      handle?.reconnecting();
      options.onReconnecting?.(error);
    },
  });
  try {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const { event, notSentBefore } = next.value;
      if (event.$case === 'queued') {
        waited = true;
        requestId = event.value.requestId;
        options.onQueued?.(event.value);
      }
      if (event.$case === 'warning') options.onWarning?.(event.value);
      if (event.$case !== 'granted' || !event.value.lease) continue;
      granted = true;
      const { lease } = event.value;
      // Without a wait the grant is valid from the sending of the request on. After one that says nothing of it, and a
      // lease without an end says nothing of itself.
      const isLate = waited || (!lease.remaining && deps.clock.now() - notSentBefore > LATE_MS);
      const known = isLate ? await confirmGrant(deps.lease, deps.clock, lease) : { lease, validFrom: notSentBefore };
      stop.signal.throwIfAborted();
      handle = new LeaseHandle(known.lease, known.validFrom, {
        ...deps,
        events,
        hangUp: () => {
          stop.abort();
        },
        reconnectGraceMs: request.reconnectGrace ? durationToMs(request.reconnectGrace) : 0,
        onWarning: options.onWarning,
      });
      handle.signal.throwIfAborted();
      return handle;
    }
    throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server ended the request without granting it');
  } catch (error) {
    // A callback that threw leaves the generator at its `yield`; returning hangs the stream up.
    await events.return().catch(ignore);
    const isOver = error instanceof LeaseLostError || (error instanceof BerthError && !granted);
    if (stop.signal.aborted || !isOver) await abandon(deps, { ...request, requestId });
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

/**
 * Leaves nothing behind for a request whose caller gave up. Hanging up takes it out of the queue, but not before its
 * grace is over; and a TTL or MANUAL lease that was granted while the caller hung up would be nobody's.
 */
async function abandon({ lease }: AcquireDeps, request: AcquireRequest): Promise<void> {
  if (request.hold === HoldMode.CONNECTION && !request.reconnectGrace) return;
  const { lab, requestId } = request;
  const options = { timeoutMs: ABANDON_TIMEOUT_MS };
  try {
    await lease.cancelRequest({ lab, targetRequestId: requestId, reason: 'the caller gave up' }, options);
  } catch (error) {
    if (!(error instanceof BerthError) || error.reason !== 'NO_SUCH_REQUEST') return;
    await releaseIfGranted(lease, request, options).catch(ignore);
  }
}

/** Not waiting any more: granted, or it never arrived. The same request again tells which. */
async function releaseIfGranted(
  lease: LeaseServiceClient<BerthCallOptions>,
  request: AcquireRequest,
  options: BerthCallOptions,
): Promise<void> {
  const { lab, requestId } = request;
  for await (const { event } of lease.acquire(request, options)) {
    if (event?.$case === 'queued') await lease.cancelRequest({ lab, targetRequestId: requestId }, options);
    if (event?.$case === 'granted') await lease.release({ lab, leaseId: event.value.lease?.id ?? '' }, options);
    return;
  }
}

/** For what cannot be helped: the request had ended, or the server is out of reach, and the caller has its own reason. */
function ignore(): void {
  return undefined;
}

/** The events of a request as they come; see `Berth.queue`. */
export async function* leaseEvents(
  deps: AcquireDeps,
  options: AcquireOptions & Pick<AcquireCallbacks, 'signal' | 'onReconnecting'>,
): AsyncGenerator<LeaseEvent, void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const received: AsyncIterable<ReceivedEvent> = acquireStream(toAcquireRequest(options, deps.lab), {
    ...deps,
    signal,
    mayAskAnew: options.requestId === undefined,
    onReconnecting: options.onReconnecting,
  });
  for await (const { event } of received) yield event;
}
