import type { Readable } from 'node:stream';
import type { ServerCall } from './call-context.js';
import { CallOverError } from './call-context.js';
import { http2StreamOf } from './http2-stream-of.js';
import { RefusedRequest } from './message-codec.js';

/**
 * The requests of a call, in order, until the caller ends its side. Throws CallOverError when the call ends before that,
 * and the refusal of a message that could not be taken. Leaving the loop early does not end the call. A cancel of which only
 * the first half has arrived looks like an end: a method that acts on the end checks `call.over` when it answers.
 */
export async function* requestStream(readable: Readable, call: ServerCall): AsyncGenerator<unknown, void, undefined> {
  const iterator = readable.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await nextRequest(iterator, call);
    if (next.done === true) {
      // Node's clients cancel with two frames, END_STREAM and RST_STREAM: the requests end first. One turn of the event
      // loop later the second has been seen, if it came along.
      await nextTurn();
      if (call.over || http2StreamOf(call.surface)?.closed === true) throw new CallOverError();
      return;
    }
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
