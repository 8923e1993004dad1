import type { Collection, Document, Query, Stored } from '@berth/storage';

/**
 * The documents that a query finds, `limit` at a time; no page is empty. A document that is there all the time is in one
 * of them exactly once; one that comes, goes or moves in the order meanwhile may be in none.
 */
export async function* pages<T extends Document>(
  collection: Collection<T>,
  query: Query,
): AsyncGenerator<readonly Stored<T>[], void, undefined> {
  for (let next = query; ;) {
    const { documents, next: after } = await collection.find(next);
    if (documents.length > 0) yield documents;
    if (after === undefined) return;
    next = { ...query, after };
  }
}
