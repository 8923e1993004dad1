import type { SnapshotItem } from '../domain/model/ledger.js';

/** The most bytes of a piece, unless one item alone has more. */
const MOST_BYTES = 1 << 20;

/** Cuts a snapshot into texts, each a JSON list of its items, of at most 1 MiB. One is made when it is asked for. */
export function* piecesOf(items: Iterable<SnapshotItem>, mostBytes = MOST_BYTES): Generator<string, void, undefined> {
  let texts: string[] = [];
  // The brackets; each item has a comma.
  let bytes = 2;
  for (const item of items) {
    const text = JSON.stringify(item);
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > mostBytes && texts.length > 0) {
      yield `[${texts.join(',')}]`;
      [texts, bytes] = [[], 2];
    }
    texts.push(text);
    bytes += more;
  }
  if (texts.length > 0) yield `[${texts.join(',')}]`;
}
