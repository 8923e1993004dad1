import { type CallOptions, type ClientMiddlewareCall, Status } from 'nice-grpc-common';
import { BerthError } from '../berth-error.js';

/** Options of a call that the deadline reads. */
export interface DeadlineOptions {
  /** Milliseconds for the whole call with its retries; 0 = none. Default: the client's for unary calls, none for streams. */
  timeoutMs?: number;
}

/** 24 days: a timer of more than 2^31-1 ms (24.8 days) fires at once in Node, and grpc-js's deadlines with it. */
export const LONGEST_TIMEOUT_MS = 24 * 86_400_000;

/** Ends calls that take longer than their `timeoutMs` with DEADLINE_EXCEEDED; longer than 24 days counts as 24 days. */
export function deadlineMiddleware(defaultUnaryMs: number) {
  return async function* withDeadline<Request, Response>(
    call: ClientMiddlewareCall<Request, Response>,
    options: CallOptions & DeadlineOptions,
  ) {
    const { timeoutMs, ...rest } = options;
    const ms = timeoutMs ?? (call.requestStream || call.responseStream ? 0 : defaultUnaryMs);
    if (ms <= 0) return yield* call.next(call.request, rest);
    const controller = new AbortController();
    const timer = setTimeout(
      () => {
        const text = `${call.method.path} got no answer within ${String(ms)} ms: the server is overloaded or not reachable`;
        controller.abort(new BerthError('DEADLINE_EXCEEDED', Status.DEADLINE_EXCEEDED, text));
      },
      Math.min(ms, LONGEST_TIMEOUT_MS),
    );
    const signal = rest.signal ? AbortSignal.any([rest.signal, controller.signal]) : controller.signal;
    try {
      return yield* call.next(call.request, { ...rest, signal });
    } finally {
      clearTimeout(timer);
    }
  };
}
