import { HoldMode, type Queued, type Warning } from '@berth/proto/berth/lease/v1/lease';
import { Status } from 'nice-grpc-common';
import type { LeaseEvent } from './acquire-call.js';
import { type AcquireOptions, toAcquireRequest } from './acquire-request.js';
import { type AcquireDeps, Acquisition } from './acquisition.js';
import { BerthError } from './berth-error.js';
import { confirmGrant, type KnownGrant } from './confirm-grant.js';
import { LeaseHandle } from './lease-handle.js';
import { LeaseLostError } from './lease-lost-error.js';
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

/** A grant without an end that took longer is asked about: the process may have been stopped before it read it. */
const LATE_MS = 1000;

/** Waits for benches and holds them; see `Berth.acquire`. */
export async function acquireLease(
  deps: AcquireDeps,
  options: AcquireOptions & AcquireCallbacks,
): Promise<LeaseHandle> {
  const request = toAcquireRequest(options, deps.lab);
  const { signal, onReconnecting, onWarning } = options;
  signal?.throwIfAborted();
  let handle: LeaseHandle | undefined;
  const acquisition = new Acquisition(request, deps, {
    mayAskAnew: options.requestId === undefined,
    onReconnecting(error) {
      handle?.reconnecting();
      onReconnecting?.(error);
    },
  });
  const giveUp = (): void => void acquisition.leave();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const { lease, validFrom } = await grantOf(acquisition, deps, options);
    signal?.throwIfAborted();
    const reconnectGraceMs = request.reconnectGrace ? durationToMs(request.reconnectGrace) : 0;
    const { events, hangUp } = acquisition;
    handle = new LeaseHandle(lease, validFrom, { ...deps, events, hangUp, reconnectGraceMs, onWarning });
    handle.signal.throwIfAborted();
    return handle;
  } catch (error) {
    const isOver = error instanceof LeaseLostError || (error instanceof BerthError && !acquisition.lease);
    if (signal?.aborted === true || !isOver) await acquisition.leave();
    await acquisition.events.return().catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Waits for the grant, and makes sure that it is none of yesterday. */
async function grantOf(
  acquisition: Acquisition,
  { lease: service, clock }: AcquireDeps,
  { signal, onQueued, onWarning }: AcquireCallbacks,
): Promise<KnownGrant> {
  let waited = false;
  for (let next = await acquisition.next(); !next.done; next = await acquisition.next()) {
    const { event, notSentBefore } = next.value;
    signal?.throwIfAborted();
    if (event.$case === 'queued') {
      waited = true;
      onQueued?.(event.value);
    }
    if (event.$case === 'warning') onWarning?.(event.value);
    if (event.$case !== 'granted' || !event.value.lease) continue;
    const { lease } = event.value;
    // Without a wait the grant is valid from the sending of the request on. After one that says nothing of it, and a
    // lease without an end says nothing of itself.
    const isLate = waited || (!lease.remaining && clock.now() - notSentBefore > LATE_MS);
    return isLate ? confirmGrant(service, clock, lease) : { lease, validFrom: notSentBefore };
  }
  throw new BerthError('UNAVAILABLE', Status.UNAVAILABLE, 'the server ended the request without granting it');
}

/** The events of a request as they come; see `Berth.queue`. */
export async function* leaseEvents(
  deps: AcquireDeps,
  options: AcquireOptions & Pick<AcquireCallbacks, 'signal' | 'onReconnecting'>,
): AsyncGenerator<LeaseEvent, void> {
  const { signal, onReconnecting, requestId } = options;
  const request = toAcquireRequest(options, deps.lab);
  signal?.throwIfAborted();
  const acquisition = new Acquisition(request, deps, { mayAskAnew: requestId === undefined, onReconnecting });
  let isOver = false;
  const leave = async (): Promise<void> => {
    // A TTL or MANUAL lease stays.
    if (!isOver && (!acquisition.lease || request.hold === HoldMode.CONNECTION)) await acquisition.leave();
  };
  const giveUp = (): void => void leave();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    for (let next = await acquisition.next(); !next.done; next = await acquisition.next()) {
      signal?.throwIfAborted();
      isOver = next.value.event.$case === 'ended';
      yield next.value.event;
    }
    isOver = true;
  } catch (error) {
    isOver = error instanceof BerthError;
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await leave();
    await acquisition.events.return();
  }
}
