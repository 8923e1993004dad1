import type { CallOptions, ClientMiddlewareCall, Metadata } from 'nice-grpc-common';
import { toBerthError } from '../status-details.js';

/** Turns every failed call into a `BerthError`; a call that the caller's own signal ended throws that signal's reason. */
export async function* errorsMiddleware<Request, Response>(
  call: ClientMiddlewareCall<Request, Response>,
  options: CallOptions,
) {
  let trailer: Metadata | undefined;
  try {
    return yield* call.next(call.request, {
      ...options,
      // nice-grpc's error has no trailers, but it reports them before it throws.
      onTrailer(received) {
        trailer = received;
        options.onTrailer?.(received);
      },
    });
  } catch (error) {
    if (isAbortError(error)) options.signal?.throwIfAborted();
    throw toBerthError(error, trailer);
  }
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
