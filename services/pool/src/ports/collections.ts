import type { Collection, CollectionStore } from '@berth/storage';
import type { PoolDocument } from '../domain/pool-document.js';
import type { Resource } from '../domain/resource.js';

export type { Collection, CollectionStore, Found, HeldLock, Locks, Stored, Where, Write } from '@berth/storage';

/** The next number of a sort; a document. */
export interface NextNumber {
  readonly id: string;
  readonly next: number;
}

/** Resources that one call of DeleteResources has chosen, for its repeats; a document, whose id is the request id. */
export interface Deletion {
  readonly id: string;
  readonly fingerprint: string;
  readonly numbers: readonly number[];
  readonly timeMs: number;
}

/** The pool service's documents that its reconciler works with. */
export interface PoolCollections {
  readonly store: CollectionStore;
  readonly resources: Collection<Resource>;
  readonly pools: Collection<PoolDocument>;
  /** One document, `resources`: the number of the next resource. */
  readonly numbers: Collection<NextNumber>;
  readonly deletions: Collection<Deletion>;
}

/** The names of the collections, for `writeAll`. */
export const RESOURCES = 'pool_resources';
export const POOLS = 'pool_pools';
export const NUMBERS = 'pool_numbers';
