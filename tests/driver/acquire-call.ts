import type { Berth, LeaseEvent, Lease, Queued } from '@berth/client';
import { BerthError, HoldMode, Status } from '@berth/client';
import { until } from '@berth/testkit';

type AcquireRequest = Parameters<Berth['lease']['acquire']>[0];

/** One Acquire stream without any of the client's comfort: no retries, no re-attaching, every message as it came. */
export interface AcquireCall {
  readonly requestId: string;
  readonly events: readonly LeaseEvent[];
  /** The newest `queued`. */
  readonly place: Queued | undefined;
  /** The lease, once it is granted. */
  readonly lease: Lease | undefined;
  /** True when the stream is over, in whatever way. */
  readonly over: boolean;
  /** Why it ended, when not with OK. */
  readonly error: BerthError | undefined;
  /** Resolves when the stream is over. */
  readonly done: Promise<void>;
  /** Waits until it is granted. Throws when the stream ends before. */
  granted(): Promise<Lease>;
  /** Waits until it has a place in the queue. Throws when the stream ends before. */
  queued(): Promise<Queued>;
  /** Waits until the stream is over, and answers its error. */
  failed(): Promise<BerthError | undefined>;
  hangUp(): void;
}

let requests = 0;

/** A request id that no other test run has used. */
export function newRequestId(prefix = 'req'): string {
  requests += 1;
  return `${prefix}-${String(process.pid)}-${Date.now().toString(36)}-${String(requests)}`;
}

/** Opens an Acquire stream. `seen` is called with each message, in the turn in which it came. */
export function openAcquire(berth: Berth, request: AcquireRequest, seen?: (event: LeaseEvent) => void): AcquireCall {
  const requestId = request.requestId ?? newRequestId();
  const stop = new AbortController();
  const events: LeaseEvent[] = [];
  const state: { place?: Queued; lease?: Lease; over: boolean; error?: BerthError } = { over: false };
  const read = async (): Promise<void> => {
    try {
      for await (const { event } of berth.lease.acquire(
        { ...request, requestId },
        { signal: stop.signal, retry: false },
      )) {
        if (event === undefined) continue;
        events.push(event);
        if (event.$case === 'queued') state.place = event.value;
        if (event.$case === 'granted' && event.value.lease !== undefined) state.lease = event.value.lease;
        seen?.(event);
      }
    } catch (error) {
      if (error instanceof BerthError) state.error = error;
      else if (!stop.signal.aborted) state.error = new BerthError('CLIENT', Status.UNKNOWN, String(error));
    } finally {
      state.over = true;
    }
  };
  const done = read();
  const reached = async <T>(what: string, find: () => T | undefined): Promise<NonNullable<T>> => {
    const found = await until(() => find() ?? (state.over ? 'over' : undefined), { what, timeoutMs: 30_000 });
    if (found !== 'over') return found;
    throw state.error ?? new Error(`the stream of ${requestId} ended before it was ${what}`);
  };
  return {
    requestId,
    events,
    done,
    get place() {
      return state.place;
    },
    get lease() {
      return state.lease;
    },
    get over() {
      return state.over;
    },
    get error() {
      return state.error;
    },
    granted: () => reached('granted', () => state.lease),
    queued: () => reached('queued', () => state.place),
    async failed() {
      await until(() => state.over, { what: `the end of ${requestId}`, timeoutMs: 30_000 });
      return state.error;
    },
    hangUp() {
      stop.abort();
    },
  };
}

/** Asks for a MANUAL lease, which stays until it is released. */
export function manual(request: AcquireRequest): AcquireRequest {
  return { ...request, hold: HoldMode.MANUAL };
}

/** Asks for a lease that lives for `seconds` without a renewal. */
export function ttl(seconds: number, request: AcquireRequest): AcquireRequest {
  return { ...request, hold: HoldMode.TTL, ttl: { seconds, nanos: 0 } };
}
