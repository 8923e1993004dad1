import type { Readable } from 'node:stream';
import type { ServerCall } from './call-context.js';
import { CallOverError } from './call-context.js';
import { RefusedRequest } from './message-codec.js';

/**
 * The requests of a call, in order, until the caller ends its side. Throws CallOverError when the call ends before that,
 * and the refusal of a message that could not be taken. Leaving the loop early does not end the call.
 */
export async function* requestStream(readable: Readable, call: ServerCall): AsyncGenerator<unknown, void, undefined> {
  const iterator = readable.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await nextRequest(iterator, call);
    if (next.done === true) return;
    yield takenRequest(next.value);
  }
}

/** The request, or the throw of its refusal. */
export function takenRequest(request: unknown): unknown {
  if (request instanceof RefusedRequest) throw request.error;
  return request;
}

async function nextRequest(iterator: AsyncIterator<unknown>, call: ServerCall): Promise<IteratorResult<unknown>> {
  try {
    return await iterator.next();
  } catch (error) {
    // A cancel destroys the stream under the iterator, which tells of a premature close.
    if (call.over || call.surface.cancelled) throw new CallOverError();
    throw error;
  }
}
