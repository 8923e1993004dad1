import { BerthError } from '@berth/kernel';
import { encodedBytes, PreEncoded } from './pre-encoded.js';
import type { MessageType } from './message-type.js';

/**
 * Stands in for a request that could not be taken. grpc-js answers a throwing deserializer with INTERNAL and no details,
 * so ours never throws; the adapter throws `error` before the method sees anything.
 */
export class RefusedRequest {
  constructor(readonly error: BerthError) {}
}

/** A deserializer that gives the message, or a RefusedRequest for too many bytes and for bytes that are no such message. */
export function requestDecoder(type: MessageType<unknown>, maxBytes: number): (bytes: Buffer) => unknown {
  return (bytes) => {
    if (bytes.length > maxBytes) return new RefusedRequest(tooLarge(bytes.length, maxBytes));
    try {
      return type.decode(bytes);
    } catch (error) {
      return new RefusedRequest(undecodable(error));
    }
  };
}

/** A serializer that passes pre-encoded messages through. */
export function responseEncoder(type: MessageType<unknown>): (message: unknown) => Buffer {
  return (message) => (message instanceof PreEncoded ? message.bytes : encodedBytes(type, message));
}

function tooLarge(bytes: number, maxBytes: number): BerthError {
  return new BerthError(
    'MESSAGE_TOO_LARGE',
    `the request has ${String(bytes)} bytes and at most ${String(maxBytes)} are taken; send it in parts, or leave out what is not needed`,
    {
      quota: [{ subject: 'request message', description: `at most ${String(maxBytes)} bytes` }],
      metadata: { bytes: String(bytes), maxBytes: String(maxBytes) },
    },
  );
}

function undecodable(cause: unknown): BerthError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BerthError(
    'INVALID_FIELD',
    `the request's bytes are not a message of this method (${why}); make the client from the same proto files as the server`,
    { fields: [{ field: '', description: `cannot be decoded: ${why}` }] },
    { cause },
  );
}
