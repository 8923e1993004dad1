import type { Collection, Document, Stored } from '../ports/collections.js';

const AT_ONCE = 100;

/** Removes what has not changed since it was read; how many. */
export async function removeAll<T extends Document>(
  collection: Collection<T>,
  documents: readonly Stored<T>[],
): Promise<number> {
  let removed = 0;
  for (let i = 0; i < documents.length; i += AT_ONCE) {
    const outcomes = await Promise.all(
      documents.slice(i, i + AT_ONCE).map(({ value, revision }) => collection.remove(value.id, revision)),
    );
    removed += outcomes.filter((outcome) => outcome === 'removed').length;
  }
  return removed;
}
