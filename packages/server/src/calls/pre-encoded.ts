import type { MessageType } from './message-type.js';

/** A message that is bytes already: encoded once, written to any number of streams. */
export class PreEncoded {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = view(bytes);
  }
}

/** Encodes a message for `ResponseStream.write` of many streams. */
export function preEncode<T>(type: MessageType<T>, message: T): PreEncoded {
  return new PreEncoded(type.encode(message).finish());
}

/** The bytes of a message as a Buffer (a view, no copy). */
export function encodedBytes<T>(type: MessageType<T>, message: T): Buffer {
  return view(type.encode(message).finish());
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
