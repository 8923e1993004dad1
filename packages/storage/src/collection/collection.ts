/**
 * What a field of a document may hold when it is indexed; one type for a field, in all documents. Times are milliseconds
 * since the epoch. Texts are ordered by code point.
 */
export type Scalar = string | number | boolean;

/** A document: JSON values, with an id that is unique in its collection. Never holds `undefined`, functions or Dates. */
export interface Document {
  readonly id: string;
}

/** A document as it is stored. The revision changes with every write of it, and is never reused for the same id. */
export interface Stored<T extends Document> {
  readonly value: T;
  readonly revision: string;
}

/** An index, declared once for all engines. */
export interface IndexSpec {
  /** Its name: letters, digits and '_'; what a duplicate is reported by. */
  readonly name: string;
  /**
   * Paths of fields (`a.b` goes into an object, and into each object of a list), most significant first. A list field is
   * indexed by each of its elements; at most one field of an index may be a list.
   */
  readonly fields: readonly string[];
  /** No two documents may have the same values. A document that lacks one of the fields is not in the index. */
  readonly unique?: boolean;
}

export interface CollectionSpec {
  /** Letters, digits and '_'. */
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
}

/** All conditions must hold; each on a declared index's field or on `id`. At most one of them is a range. */
export type Where = Readonly<Record<string, Scalar | { readonly in: readonly Scalar[] } | Range>>;

/**
 * A range of values: from ≤, after <, until >, upTo ≥; a missing bound is open. `prefix` is for texts. For fields that hold
 * one value, not for lists.
 */
export type Range =
  | { readonly from?: Scalar; readonly after?: Scalar; readonly until?: Scalar; readonly upTo?: Scalar }
  | { readonly prefix: string };

export interface Query {
  readonly where?: Where;
  /** An indexed field that is no list, ties by id; default `id`. Documents without the field come before all others. */
  readonly orderBy?: { readonly field: string; readonly descending?: boolean };
  /** Continues after the document that this cursor was given for, whether or not it is still there. */
  readonly after?: string;
  /** At most 10,000. */
  readonly limit: number;
}

export interface Found<T extends Document> {
  readonly documents: readonly Stored<T>[];
  /** To go on after the last document; undefined when there are no more. */
  readonly next: string | undefined;
}

/** Why a write was not done: an index that must be unique has the values already, in the document with this id. */
export interface Duplicate {
  readonly outcome: 'duplicate';
  /** Its name; `id` when it is the id that is there already. */
  readonly index: string;
  /** The document that is there (perhaps of the same batch); undefined when it is gone by now. */
  readonly existing: string | undefined;
}

export type InsertResult = { readonly outcome: 'inserted'; readonly revision: string } | Duplicate;

export type ReplaceResult =
  | { readonly outcome: 'replaced'; readonly revision: string }
  /** Somebody else wrote it since; nothing was done. */
  | { readonly outcome: 'stale' }
  | { readonly outcome: 'gone' }
  | Duplicate;

/** One write of `writeAll`, in an open collection of the store, by its name. */
export type Write<T extends Document = Document> =
  | { readonly collection: string; readonly insert: T }
  | { readonly collection: string; readonly replace: T; readonly expected: string }
  | { readonly collection: string; readonly remove: string; readonly expected: string };

/**
 * What became of several writes: all were done, or none, because of the write at this place. What a duplicate names as
 * `existing` is stored; it is undefined where another write of the call has the values.
 */
export type WriteAllResult =
  | { readonly outcome: 'written' }
  | ({ readonly write: number } & (Duplicate | { readonly outcome: 'stale' } | { readonly outcome: 'gone' }));

/**
 * Documents with an id, declared indexes and compare-and-swap. Each call of these methods changes each document for itself;
 * `CollectionStore.writeAll` changes several at once.
 *
 * Every method throws STORE_UNAVAILABLE (with retryAfterMs) when the store does not answer in time. A write whose outcome
 * is unknown after a network error is read back before it is answered; what throws may still have been done.
 * What is acknowledged is durable.
 */
export interface Collection<T extends Document> {
  get(id: string): Promise<Stored<T> | undefined>;
  /** The documents that are there, in the order of the ids that were found. */
  getMany(ids: readonly string[]): Promise<readonly Stored<T>[]>;
  /** Each document for itself, in any order: is there wholly or not at all. Answers in the order of the documents. */
  insert(documents: readonly T[]): Promise<readonly InsertResult[]>;
  /** Writes a document only if it is still at this revision. */
  replace(document: T, expected: string): Promise<ReplaceResult>;
  /** Many of them, each for itself. Answers in order. */
  replaceMany(
    writes: readonly { readonly document: T; readonly expected: string }[],
  ): Promise<readonly ReplaceResult[]>;
  /** Removes a document, only if it is still at this revision when one is given. */
  remove(id: string, expected?: string): Promise<'removed' | 'stale' | 'gone'>;
  /** A page that stays right while documents come and go: none twice, none left out that was there all the time. */
  find(query: Query): Promise<Found<T>>;
  count(where?: Where): Promise<number>;
}

/** Where collections are kept. */
export interface CollectionStore {
  /** Which engine it is, for logs and errors. */
  readonly engine: 'sqlite' | 'mongo';
  /** Opens a collection, making it and its indexes when they are not there. The same object for the same name. */
  collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>>;
  /**
   * Does several writes, all or none, in their order: a unique value that one of them gives up can be taken by those after
   * it, not by those before. A reader that finds one of them done finds all of them done from then on. Meant for a few
   * thousand documents. As with single writes, what throws STORE_UNAVAILABLE may have been done, but then all of it. Throws
   * TypeError for a collection that is not open.
   */
  writeAll<T extends Document>(writes: readonly Write<T>[]): Promise<WriteAllResult>;
  /** Resolves when the store answers; throws STORE_UNAVAILABLE otherwise (with what to do). */
  ping(): Promise<void>;
  close(): Promise<void>;
}
