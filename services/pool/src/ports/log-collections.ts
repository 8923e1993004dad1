import type { Collection, CollectionStore } from '@berth/storage';
import type { LogPart, Run } from '../domain/run.js';

/** The runs of commands, and what they wrote. */
export interface LogCollections {
  readonly store: CollectionStore;
  readonly runs: Collection<Run>;
  readonly parts: Collection<LogPart>;
}

/** The names of the collections, for `writeAll`. */
export const RUNS = 'pool_runs';
export const LOG_PARTS = 'pool_log_parts';
