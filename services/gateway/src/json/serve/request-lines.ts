import type { Readable } from 'node:stream';
import { tooLarge } from './read-body.js';

/** One line of a body that is not blank. */
export interface RequestLine {
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
}

const NEWLINE = 0x0a;

/**
 * The lines of a body as they come; blank ones are left out. The body is read only as fast as its lines are taken. Throws
 * MESSAGE_TOO_LARGE for a line of more than `maxBytes`.
 */
export async function* requestLines(body: Readable, maxBytes: number): AsyncGenerator<RequestLine, void> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let number = 0;
  // Leaving a plain loop would destroy the connection, and the answer with it.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (let rest = chunk; rest.length > 0;) {
      const end = rest.indexOf(NEWLINE);
      const part = end === -1 ? rest : rest.subarray(0, end);
      bytes += part.length;
      if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
      parts.push(part);
      if (end === -1) break;
      number += 1;
      const line = Buffer.concat(parts, bytes);
      if (!isBlank(line)) yield { bytes: line, number };
      parts = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
    }
  }
  const last = Buffer.concat(parts, bytes);
  if (!isBlank(last)) yield { bytes: last, number: number + 1 };
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
