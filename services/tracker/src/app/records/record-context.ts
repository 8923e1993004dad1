import type { Clock, Failpoint, Logger } from '@berth/kernel';
import type { RecordCollections } from '../../ports/record-collections.js';
import type { RangeHints } from './range-hints.js';
import type { RecordKinds } from './record-kinds.js';

/** What the use cases of the inventory work with. */
export interface RecordContext {
  readonly collections: RecordCollections;
  readonly kinds: RecordKinds;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  readonly rangeHints: RangeHints;
  /** For how long the outcomes of requests are remembered. */
  readonly requestIdTtlMs: number;
}
