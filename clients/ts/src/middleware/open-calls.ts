import { type CallOptions, type ClientMiddlewareCall, Status } from 'nice-grpc-common';
import { BerthError } from '../berth-error.js';

/** The calls of one client that run, so that closing it ends them: a grpc-js channel that is closed lets them go on. */
export class OpenCalls {
  readonly #calls = new Set<AbortController>();
  #closed = false;

  /** Ends the calls that run, and refuses new ones, with reason CLIENT_CLOSED. */
  close(): void {
    this.#closed = true;
    for (const call of this.#calls) call.abort(closedError());
  }

  /** The middleware that keeps account of calls. */
  track() {
    // Not AbortSignal.any with one signal for all: it would keep something of each call for as long as the client lives.
    const calls = this.#calls;
    const isClosed = (): boolean => this.#closed;
    return async function* tracked<Request, Response>(
      call: ClientMiddlewareCall<Request, Response>,
      options: CallOptions,
    ) {
      if (isClosed()) throw closedError();
      const { signal } = options;
      const controller = new AbortController();
      const abort = (): void => {
        controller.abort(signal?.reason);
      };
      if (signal?.aborted === true) abort();
      signal?.addEventListener('abort', abort, { once: true });
      calls.add(controller);
      try {
        return yield* call.next(call.request, { ...options, signal: controller.signal });
      } finally {
        calls.delete(controller);
        signal?.removeEventListener('abort', abort);
      }
    };
  }
}

function closedError(): BerthError {
  return new BerthError('CLIENT_CLOSED', Status.CANCELLED, 'the client was closed');
}
