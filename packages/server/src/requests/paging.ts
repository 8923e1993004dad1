import { decodePageToken, encodePageToken, pageSize } from '@berth/kernel';

/** What can be sent in parts is cut before a part reaches this, well below what clients take by default (4 MiB). */
export const MAX_ANSWER_BYTES = 2 << 20;

interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface PageOf<T, M> {
  /** All there is, in order. */
  readonly items: Iterable<T>;
  /** What tells an item's place: items after a key are the ones of the next page, also when the item has gone. */
  readonly keyOf: (item: T) => string;
  readonly isAfter: (item: T, key: string) => boolean;
  readonly message: (item: T) => M;
  /** How many bytes a message takes. */
  readonly bytes: (message: M) => number;
  /** The list's other arguments: a token is good for them only. */
  readonly scope: unknown;
}

/** One page of a list. Throws INVALID_PAGE_TOKEN and INVALID_FIELD. */
export function pageOf<T, M>(request: PageRequest, list: PageOf<T, M>): { messages: M[]; nextPageToken: string } {
  const size = pageSize(request.pageSize);
  const after = decodePageToken(request.pageToken, list.scope);
  const messages: M[] = [];
  let bytes = 0;
  let last = '';
  for (const item of list.items) {
    if (after !== undefined && !list.isAfter(item, after)) continue;
    const message = messages.length < size ? list.message(item) : undefined;
    bytes += message === undefined ? 0 : list.bytes(message);
    // The first goes in any case, however large it is.
    if (message === undefined || (bytes > MAX_ANSWER_BYTES && messages.length > 0))
      return { messages, nextPageToken: encodePageToken(last, list.scope) };
    messages.push(message);
    last = list.keyOf(item);
  }
  return { messages, nextPageToken: '' };
}
