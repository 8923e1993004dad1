const MAX_PIECE_BYTES = 256 * 1024;
/** Chunks that are smaller share a block: each buffer takes memory of its own, however small it is. */
const BLOCK_BYTES = 4096;

/** Output that is to be stored. */
export interface Piece {
  /** How much was written before it. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Holds what a command writes until it is stored: all of the first half of `limitBytes`, and of what comes after it the last
 * half of `limitBytes`.
 */
export class LogBuffer {
  readonly #halfBytes: number;
  #addedBytes = 0;
  #first = new Blocks();
  #firstOffset = 0;
  #last = new Blocks();

  constructor(limitBytes: number) {
    this.#halfBytes = limitBytes >> 1;
  }

  add(chunk: Buffer): void {
    const inFirst = Math.min(chunk.length, Math.max(0, this.#halfBytes - this.#addedBytes));
    this.#addedBytes += chunk.length;
    if (inFirst > 0) this.#first.add(chunk.subarray(0, inFirst));
    if (inFirst === chunk.length) return;
    this.#last.add(chunk.subarray(inFirst));
    this.#last.dropAllBut(this.#halfBytes);
  }

  /** What is held, and is not any more then; in pieces that a document can hold. */
  take(): readonly Piece[] {
    const first = this.#first.whole();
    const all = this.#last.whole();
    const last = all.subarray(Math.max(0, all.length - this.#halfBytes));
    const pieces = [...piecesOf(first, this.#firstOffset), ...piecesOf(last, this.#addedBytes - last.length)];
    this.#firstOffset += first.length;
    this.#first = new Blocks();
    this.#last = new Blocks();
    return pieces;
  }
}

class Blocks {
  readonly #blocks: { readonly buffer: Buffer; bytes: number }[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.bytes + chunk.length <= last.buffer.length) {
      last.bytes += chunk.copy(last.buffer, last.bytes);
    } else if (chunk.length >= BLOCK_BYTES) this.#blocks.push({ buffer: chunk, bytes: chunk.length });
    else {
      const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#blocks.push({ buffer, bytes: chunk.copy(buffer) });
    }
  }

  /** Drops the oldest blocks without which there are still so many bytes. */
  dropAllBut(leastBytes: number): void {
    for (let oldest = this.#blocks[0]; oldest !== undefined; oldest = this.#blocks[0]) {
      if (this.#bytes - oldest.bytes < leastBytes) return;
      this.#bytes -= oldest.bytes;
      this.#blocks.shift();
    }
  }

  whole(): Buffer {
    return Buffer.concat(this.#blocks.map(({ buffer, bytes }) => buffer.subarray(0, bytes)));
  }
}

function piecesOf(bytes: Buffer, offset: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
    pieces.push({ offset: offset + at, bytes: bytes.subarray(at, at + MAX_PIECE_BYTES) });
  }
  return pieces;
}
