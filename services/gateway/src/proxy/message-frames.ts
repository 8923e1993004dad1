/** A byte that says whether the message is compressed, and four of its length. */
const PREFIX_BYTES = 5;

/** A message as gRPC sends it. */
export function messageFrame(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(PREFIX_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Takes the messages out of the bytes of a stream, however these are cut. For small messages. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);

  constructor(private readonly read: (message: Buffer) => void) {}

  take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#bytes.readUInt32BE(1);
      if (this.#bytes.length < end) return;
      const message = this.#bytes.subarray(PREFIX_BYTES, end);
      this.#bytes = this.#bytes.subarray(end);
      this.read(message);
    }
  }
}
