import type { IncomingMessage } from 'node:http';
import { BerthError } from '@berth/kernel';

/** Of a body that is too large, so many times the limit are read before it is refused. */
const READ_ON = 4;

/**
 * All bytes of a request's body. Throws MESSAGE_TOO_LARGE for more than `maxBytes`, after the rest was read and thrown away: a
 * client that still sends would not see the answer. From four times as many on it is refused at once. Rejects when the client
 * hangs up.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (bytes <= maxBytes * READ_ON) return;
      request.off('data', take).resume();
      reject(tooLarge(bytes, maxBytes));
    };
    request
      .once('error', reject)
      .on('data', take)
      .once('end', () => {
        const [first] = chunks;
        if (bytes > maxBytes) reject(tooLarge(bytes, maxBytes));
        else resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes));
      });
  });
}

/** Whether a request says that it has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The error for a body, or a line of one, that is larger than is taken. */
export function tooLarge(bytes: number, maxBytes: number): BerthError {
  return new BerthError(
    'MESSAGE_TOO_LARGE',
    `the body has ${String(bytes)} bytes or more and at most ${String(maxBytes)} are taken; send it in parts, or leave out what is not needed`,
    {
      quota: [{ subject: 'request body', description: `at most ${String(maxBytes)} bytes` }],
      metadata: { bytes: String(bytes), maxBytes: String(maxBytes) },
    },
  );
}
