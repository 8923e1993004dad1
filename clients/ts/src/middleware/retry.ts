import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, ClientMiddlewareCall } from 'nice-grpc-common';
import { BerthError } from '../berth-error.js';
import { isBroken } from '../is-broken.js';

/** Options of a call that the retries read. */
export interface RetryOptions {
  /** False = one attempt only. */
  retry?: boolean;
}

/**
 * How often a client tries. A server that never answered is most likely not there, and somebody waits to be told so: 5
 * attempts, about a second. One that did answer restarts: 12 attempts, at least 7.5 s, which is longer than the channel's
 * own longest pause (2.4 s) in which it refuses every call.
 */
export class Patience {
  #answered = false;

  /** The server has answered something. */
  answered(): void {
    this.#answered = true;
  }

  get attempts(): number {
    return this.#answered ? 12 : 5;
  }
}

const FIRST_MS = 100;
const LONGEST_MS = 2000;
const LONGEST_ASKED_MS = 30_000;

/**
 * Repeats a call whose connection broke (see `isBroken`) a few times, when repeating is harmless: the method has no side
 * effects, or the request carries a request id. A stream is repeated only while it has given nothing. What the server says
 * is not repeated: RESOURCE_EXHAUSTED is an answer ("none free"), not a fault.
 */
export function retryMiddleware(patience: Patience) {
  return async function* withRetries<Request, Response>(
    call: ClientMiddlewareCall<Request, Response>,
    options: CallOptions & RetryOptions,
  ) {
    const { retry = true, ...rest } = options;
    const repeatable = retry && isRepeatable(call);
    for (let attempt = 1; ; attempt++) {
      let silent = true;
      try {
        if (!call.responseStream) {
          const response = yield* call.next(call.request, rest);
          patience.answered();
          return response;
        }
        for await (const response of call.next(call.request, rest)) {
          if (silent) patience.answered();
          silent = false;
          yield response;
        }
        return;
      } catch (error) {
        if (error instanceof BerthError && error.described) patience.answered();
        const isFinal = !repeatable || !silent || attempt >= patience.attempts || rest.signal?.aborted === true;
        if (isFinal || !isBroken(error)) throw error;
        await pause(backoffMs(attempt, error), rest.signal);
      }
    }
  };
}

/** How long to wait before attempt `attempt + 1`: exponential with jitter, and never less than the server asks for. */
export function backoffMs(attempt: number, error?: BerthError, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  // Never 0: a server that refuses at once would be asked in a tight loop by the unlucky draws.
  const drawn = ceiling * (0.5 + 0.5 * random());
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

function isRepeatable<Request, Response>(call: ClientMiddlewareCall<Request, Response>): boolean {
  if (call.requestStream) return false;
  const level = call.method.options.idempotencyLevel;
  if (level === 'NO_SIDE_EFFECTS') return true;
  const { requestId } = call.request as { requestId?: unknown };
  return level === 'IDEMPOTENT' && typeof requestId === 'string' && requestId !== '';
}
