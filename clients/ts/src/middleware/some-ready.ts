import type { CallOptions, ClientMiddlewareCall } from 'nice-grpc-common';
import type { SpreadChannel } from '../spread-channel.js';

/** Has a call wait until one of several servers is connected, so that it is not tied to one that does not answer. */
export function someReadyMiddleware(channel: SpreadChannel) {
  return async function* whenReady<Request, Response>(
    call: ClientMiddlewareCall<Request, Response>,
    options: CallOptions,
  ) {
    const ready = channel.someReady();
    if (ready !== undefined) await abortable(ready, options.signal);
    return yield* call.next(call.request, options);
  };
}

/** Throws the signal's reason when it aborts before. */
function abortable(waited: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return waited;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the signal's own reason is thrown
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    void waited.then(resolve).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
