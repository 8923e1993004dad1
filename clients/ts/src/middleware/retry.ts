import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type ClientMiddlewareCall, Status } from 'nice-grpc-common';
import { BerthError } from '../berth-error.js';

/** Options of a call that the retries read. */
export interface RetryOptions {
  /** False = one attempt only. */
  retry?: boolean;
}

const ATTEMPTS = 5;
const FIRST_MS = 100;
const LONGEST_MS = 2000;
const LONGEST_ASKED_MS = 30_000;

/**
 * Repeats a call that ended with UNAVAILABLE, up to 5 attempts, when repeating is harmless: the method has no side
 * effects, or the request carries a request id. A stream is repeated only while it has given nothing. No other status is
 * repeated: RESOURCE_EXHAUSTED is an answer ("none free"), not a fault.
 */
export async function* retryMiddleware<Request, Response>(
  call: ClientMiddlewareCall<Request, Response>,
  options: CallOptions & RetryOptions,
) {
  const { retry = true, ...rest } = options;
  const attempts = retry && isRepeatable(call) ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    let silent = true;
    try {
      if (!call.responseStream) return yield* call.next(call.request, rest);
      for await (const response of call.next(call.request, rest)) {
        silent = false;
        yield response;
      }
      return;
    } catch (error) {
      if (!silent || attempt >= attempts || !isUnavailable(error)) throw error;
      await pause(backoffMs(attempt, error), rest.signal);
    }
  }
}

/** How long to wait before attempt `attempt + 1`: exponential with full jitter, and never less than the server asks for. */
export function backoffMs(attempt: number, error?: BerthError, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  // Never 0: a server that refuses at once would be asked in a tight loop by the unlucky draws.
  const drawn = ceiling * (0.2 + 0.8 * random());
  return Math.max(drawn, Math.min(error?.details.retryAfterMs ?? 0, LONGEST_ASKED_MS));
}

/** Waits; throws the signal's reason when it aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function isUnavailable(error: unknown): error is BerthError {
  return error instanceof BerthError && error.code === Status.UNAVAILABLE;
}

function isRepeatable<Request, Response>(call: ClientMiddlewareCall<Request, Response>): boolean {
  if (call.requestStream) return false;
  const level = call.method.options.idempotencyLevel;
  if (level === 'NO_SIDE_EFFECTS') return true;
  const { requestId } = call.request as { requestId?: unknown };
  return level === 'IDEMPOTENT' && typeof requestId === 'string' && requestId !== '';
}
