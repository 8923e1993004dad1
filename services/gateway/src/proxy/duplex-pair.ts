import { Duplex } from 'node:stream';

/** Two ends of a connection within this process: what is written to one is read from the other. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const left = new PairedEnd();
  const right = new PairedEnd();
  left.other = right;
  right.other = left;
  return [left, right];
}

class PairedEnd extends Duplex {
  other: PairedEnd | undefined;
  #taken: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.other?.receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.other?.receive(null, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this;
    this.other = undefined;
    // In a turn of its own: the other end may be in the midst of something.
    setImmediate(() => other?.destroy());
    done(error);
  }

  /** Not within the call of the writer; `done` is called when the reader wants more. */
  receive(chunk: Buffer | null, done: () => void): void {
    setImmediate(() => {
      if (this.destroyed) {
        done();
        return;
      }
      if (this.push(chunk) || chunk === null) done();
      else this.#taken = done;
    });
  }
}
