import type { MessageType } from './message-type.js';

/** A message that is bytes already: encoded once, written to any number of streams. */
export class PreEncoded {
  constructor(readonly bytes: Buffer) {}
}

/** Encodes a message for `ResponseStream.write` of many streams. */
export function preEncode<T>(type: MessageType<T>, message: T): PreEncoded {
  return new PreEncoded(encodedBytes(type, message));
}

/** The bytes of a message as a Buffer (a view, no copy). */
export function encodedBytes<T>(type: MessageType<T>, message: T): Buffer {
  const bytes = type.encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
