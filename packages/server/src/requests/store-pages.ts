import { decodePageToken, encodePageToken, pageSize } from '@berth/kernel';
import type { PageRequest } from './paging.js';
import { MAX_ANSWER_BYTES } from './paging.js';

/** Read first, to learn how large they are. */
const FIRST = 40;

interface Found<T> {
  readonly documents: readonly T[];
  readonly next: string | undefined;
}

export interface StorePages<T, M> {
  /** Reads at most `limit` after a cursor; perhaps fewer, although `next` says that there are more. */
  readonly read: (limit: number, after: string | undefined) => Promise<Found<T>>;
  readonly message: (found: T) => M;
  readonly bytes: (message: M) => number;
  /** The list's other arguments: a token is good for them only. */
  readonly scope: unknown;
  /** After so many reads the page ends, however little they found; absent = it goes on. */
  readonly mostReads?: number;
}

/**
 * One page of a list that is read from a store, below MAX_ANSWER_BYTES unless one item alone is larger. Throws
 * INVALID_PAGE_TOKEN and INVALID_FIELD.
 */
export async function storePage<T, M>(
  request: PageRequest,
  { read, message, bytes, scope, mostReads = Infinity }: StorePages<T, M>,
): Promise<{ messages: M[]; nextPageToken: string }> {
  const size = pageSize(request.pageSize);
  const messages: M[] = [];
  let after = decodePageToken(request.pageToken, scope);
  let total = 0;
  let limit = Math.min(size, FIRST);
  for (let reads = 0; limit > 0 && reads < mostReads;) {
    const { documents, next } = await read(limit, after);
    const found = documents.map(message);
    const sizes = found.map(bytes);
    const fit = fitting(sizes, MAX_ANSWER_BYTES - total);
    if (fit === 0 && found.length > 0 && messages.length > 0) break;
    if (fit < found.length && found.length > 1) {
      // Only where a read ends can the next page begin: it is read again, as much as fits.
      limit = Math.max(1, fit);
      continue;
    }
    reads += 1;
    messages.push(...found);
    total += sizes.reduce((sum, one) => sum + one, 0);
    if (next === undefined) return { messages, nextPageToken: '' };
    after = next;
    const more = Math.floor(((MAX_ANSWER_BYTES - total) * messages.length) / Math.max(1, total));
    limit = Math.min(size - messages.length, messages.length === 0 ? size : more);
  }
  return { messages, nextPageToken: after === undefined ? '' : encodePageToken(after, scope) };
}

/** How many of the first fit into so many bytes. */
function fitting(sizes: readonly number[], most: number): number {
  let left = most;
  const end = sizes.findIndex((size) => (left -= size) < 0);
  return end < 0 ? sizes.length : end;
}
