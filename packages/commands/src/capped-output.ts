/** The output of a process: all of it, or its first and its last part. */
export interface Output {
  readonly head: Buffer;
  /** The size of what was left out between head and tail. */
  readonly leftOutBytes: number;
  readonly tail: Buffer;
}

/** Keeps the first and the last half of `limitBytes`, however much is added. */
export class CappedOutput {
  readonly #halfBytes: number;
  readonly #head: Buffer;
  #headBytes = 0;
  /** Twice as long as what is kept, so that it moves seldom, however small the chunks are. */
  readonly #tail: Buffer;
  #tailBytes = 0;
  #addedBytes = 0;

  constructor(limitBytes: number) {
    this.#halfBytes = limitBytes >> 1;
    this.#head = Buffer.alloc(this.#halfBytes);
    this.#tail = Buffer.alloc(2 * this.#halfBytes);
  }

  add(chunk: Buffer): void {
    const inHead = chunk.copy(this.#head, this.#headBytes);
    const last = chunk.subarray(inHead).subarray(-this.#halfBytes);
    if (last.length > this.#tail.length - this.#tailBytes) {
      this.#tail.copyWithin(0, this.#tailBytes - this.#halfBytes, this.#tailBytes);
      this.#tailBytes = this.#halfBytes;
    }
    this.#headBytes += inHead;
    this.#tailBytes += last.copy(this.#tail, this.#tailBytes);
    this.#addedBytes += chunk.length;
  }

  /** A copy of what is kept. */
  output(): Output {
    const head = Buffer.from(this.#head.subarray(0, this.#headBytes));
    const from = Math.max(0, this.#tailBytes - this.#halfBytes);
    const tail = Buffer.from(this.#tail.subarray(from, this.#tailBytes));
    return { head, leftOutBytes: this.#addedBytes - head.length - tail.length, tail };
  }
}

/** The output as text, with a mark for what was left out; bytes that are not UTF-8 become U+FFFD. */
export function outputText({ head, leftOutBytes, tail }: Output): string {
  if (leftOutBytes === 0) return Buffer.concat([head, tail]).toString();
  // A character that the cut goes through is left out as well.
  const first = new TextDecoder().decode(head, { stream: true });
  const whole = tail.findIndex((byte, at) => (byte & 0xc0) !== 0x80 || at === 3);
  return `${first}\n[${leftOutBytes} bytes left out]\n${tail.toString('utf8', Math.max(0, whole))}`;
}
