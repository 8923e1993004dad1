import type { Collection, Document, Query } from './collection.js';

/** A collection that tells how it finds documents; every engine's does. */
export interface Explaining {
  /** The steps of each stretch of a page, in the engine's own words, such as `SEARCH m USING INDEX …` or `IXSCAN by_owner`. */
  explain(query: Query): Promise<readonly string[]>;
}

/** How the engine finds the documents of a query: for tests that hold queries to their indexes. */
export function explainQuery<T extends Document>(collection: Collection<T>, query: Query): Promise<readonly string[]> {
  if (!('explain' in collection)) throw new TypeError('this is not the collection of an engine');
  return (collection as Collection<T> & Explaining).explain(query);
}
