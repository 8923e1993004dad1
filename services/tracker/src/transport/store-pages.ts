import { decodePageToken, encodePageToken, pageSize } from '@berth/kernel';

/** A page is cut before it reaches this, well below what clients take by default (4 MiB). */
const MAX_PAGE_BYTES = 2 << 20;
/** Read first, to learn how large they are. */
const FIRST = 40;

interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

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
}

/** One page of a list that is read from a store. Throws INVALID_PAGE_TOKEN and INVALID_FIELD. */
export async function storePage<T, M>(
  request: PageRequest,
  { read, message, bytes, scope }: StorePages<T, M>,
): Promise<{ messages: M[]; nextPageToken: string }> {
  const size = pageSize(request.pageSize);
  const messages: M[] = [];
  let after = decodePageToken(request.pageToken, scope);
  let total = 0;
  for (let limit = Math.min(size, FIRST); limit > 0;) {
    const { documents, next } = await read(limit, after);
    for (const document of documents) {
      const one = message(document);
      total += bytes(one);
      messages.push(one);
    }
    if (next === undefined) return { messages, nextPageToken: '' };
    after = next;
    const fit = Math.floor(((MAX_PAGE_BYTES - total) * messages.length) / Math.max(1, total));
    limit = Math.min(size - messages.length, messages.length === 0 ? size : fit);
  }
  return { messages, nextPageToken: after === undefined ? '' : encodePageToken(after, scope) };
}
