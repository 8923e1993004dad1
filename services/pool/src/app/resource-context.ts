import type { Changes } from '@berth/documents';
import type { Clock } from '@berth/kernel';
import type { Resource } from '../domain/resource.js';
import type { Collection, Deletion } from '../ports/collections.js';

/** What the use cases of resources work with. */
export interface ResourceContext {
  readonly resources: Collection<Resource>;
  readonly deletions: Collection<Deletion>;
  readonly clock: Clock;
  readonly changes: Changes<Resource>;
  /** For how long repeats of a request id are answered. */
  readonly requestIdTtlMs: number;
}
