import type { Readable } from 'node:stream';
import { FAULT, XmlRpcFault } from './fault.js';

/** The largest call that is read: a ticket with as many and as long tags as there may be has less than a tenth of it. */
export const LARGEST_CALL_BYTES = 128 << 10;
/** What comes beyond this is not read any more: the connection is cut. */
const CUT_AT_BYTES = 64 << 20;

/**
 * The bytes of a body. One that is too large is read to its end, and dropped, as a client that is still sending would see a
 * broken connection instead of the fault.
 */
export async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_CALL_BYTES) chunks.push(chunk);
    // Leaving the loop destroys the stream.
    if (bytes > CUT_AT_BYTES) break;
  }
  if (bytes <= LARGEST_CALL_BYTES) return Buffer.concat(chunks);
  throw new XmlRpcFault(FAULT.NOT_A_CALL, `a call has at most ${String(LARGEST_CALL_BYTES >> 10)} KiB`);
}
