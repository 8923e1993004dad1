import { HoldMode, type Lease } from '@berth/proto/berth/lease/v1/lease';
import type { AcquireRequest, LeaseServiceClient } from '@berth/proto/berth/lease/v1/lease_service';
import { ENDS_WITHIN_MS, type ReceivedEvent } from './acquire-call.js';
import { acquireStream } from './acquire-stream.js';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import type { DrainWatch } from './drain-watch.js';
import type { BerthCallOptions } from './middleware/index.js';
import type { Patience } from './middleware/retry.js';

/** What acquiring needs; `connect` gives it. */
export interface AcquireDeps {
  readonly lease: LeaseServiceClient<BerthCallOptions>;
  readonly clock: ClientClock;
  readonly connection: Pick<DrainWatch, 'onDrain'>;
  readonly patience: Patience;
  readonly lab: string;
}

const LEAVE_TIMEOUT_MS = 5000;

/** A request and its stream, and how to leave it before it is held by a handle. */
export class Acquisition {
  /** The events as they come; `next` of this class takes note of them. */
  readonly events: AsyncGenerator<ReceivedEvent, void>;
  readonly #stop = new AbortController();
  #requestId: string;
  #lease: Lease | undefined;
  #left: Promise<void> | undefined;

  constructor(
    private readonly request: AcquireRequest,
    private readonly deps: AcquireDeps,
    options: { readonly mayAskAnew: boolean; readonly onReconnecting: ((error: BerthError) => void) | undefined },
  ) {
    this.#requestId = request.requestId;
    const isLeaving = (): boolean => this.#left !== undefined;
    this.events = acquireStream(request, { ...deps, ...options, isLeaving, signal: this.#stop.signal });
  }

  /** The lease, once it was granted. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  async next(): Promise<IteratorResult<ReceivedEvent, void>> {
    const next = await this.events.next();
    const event = next.done ? undefined : next.value.event;
    if (event?.$case === 'queued') this.#requestId = event.value.requestId;
    if (event?.$case === 'granted') this.#lease = event.value.lease;
    return next;
  }

  /** Resets the stream. */
  readonly hangUp = (): void => {
    this.#stop.abort();
  };

  /**
   * Leaves nothing behind: takes the request out of the queue, or releases the lease, by a call, upon which the server ends
   * the stream. An HTTP/2 server cuts a connection after a number of resets, with all that hangs on it, so that hanging up
   * is for when the call fails. It would not be enough either: the place is kept for its grace, and a TTL or MANUAL lease
   * that was granted meanwhile would be nobody's. Never throws.
   */
  leave(): Promise<void> {
    return (this.#left ??= this.#leave());
  }

  async #leave(): Promise<void> {
    const { lab, hold, reconnectGrace } = this.request;
    const hangsOnStream = hold === HoldMode.CONNECTION && !reconnectGrace;
    // Where hanging up does it as well, one attempt is enough.
    const options = { timeoutMs: LEAVE_TIMEOUT_MS, retry: !hangsOnStream };
    try {
      await this.#endByCall(lab, options);
      this.deps.clock.after(ENDS_WITHIN_MS, this.hangUp);
    } catch (error) {
      this.hangUp();
      const mayBeGranted = error instanceof BerthError && error.reason === 'NO_SUCH_REQUEST' && !hangsOnStream;
      if (mayBeGranted) await this.#releaseIfGranted(options).catch(ignore);
    }
  }

  async #endByCall(lab: string, options: BerthCallOptions): Promise<void> {
    const { lease } = this.deps;
    if (this.#lease) {
      const { id, fencingToken } = this.#lease;
      await lease.release({ lab, leaseId: id, fencingToken }, options);
    } else await lease.cancelRequest({ lab, targetRequestId: this.#requestId, reason: 'the caller gave up' }, options);
  }

  /** Not waiting any more: granted, or it never arrived. The same request again tells which. */
  async #releaseIfGranted(options: BerthCallOptions): Promise<void> {
    const { lease } = this.deps;
    const request = { ...this.request, requestId: this.#requestId };
    const { lab, requestId } = request;
    for await (const { event } of lease.acquire(request, options)) {
      if (event?.$case === 'queued') await lease.cancelRequest({ lab, targetRequestId: requestId }, options);
      if (event?.$case === 'granted') await lease.release({ lab, leaseId: event.value.lease?.id ?? '' }, options);
      return;
    }
  }
}

/** For what cannot be helped: the request had ended, or the server is out of reach, and the caller has its own reason. */
function ignore(): void {
  return undefined;
}
