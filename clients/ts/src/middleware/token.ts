import { type CallOptions, type ClientMiddlewareCall, Metadata } from 'nice-grpc-common';
import { BerthError } from '../berth-error.js';
import type { CurrentToken } from '../token-source.js';

/**
 * Shows the current token. One that is refused (BAD_CREDENTIALS) is asked for again, and the call is made again with the new
 * one, once: it did nothing the first time. A call whose requests are a stream is not repeated; the next one shows the new
 * token.
 */
export function tokenMiddleware(current: CurrentToken) {
  return async function* withToken<Request, Response>(
    call: ClientMiddlewareCall<Request, Response>,
    options: CallOptions,
  ) {
    if (Metadata(options.metadata).has('authorization')) return yield* call.next(call.request, options);
    const shown = await current.get();
    try {
      return yield* call.next(call.request, showing(shown, options));
    } catch (error) {
      if (!(error instanceof BerthError) || error.reason !== 'BAD_CREDENTIALS') throw error;
      current.forget();
      const token = await current.get();
      if (token === shown || call.requestStream) throw error;
      return yield* call.next(call.request, showing(token, options));
    }
  };
}

function showing(token: string, options: CallOptions): CallOptions {
  return { ...options, metadata: Metadata(options.metadata).set('authorization', `Bearer ${token}`) };
}
