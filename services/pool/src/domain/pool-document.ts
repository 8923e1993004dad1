import type { Actor, KeepsAnswers } from '@berth/kernel';
import type { PoolState } from './options/options.js';

/** What an operator has set with SetPoolState; it wins over the file. */
export interface StateOverride {
  readonly actor: Actor;
  readonly state: Exclude<PoolState, 'ACTIVE'>;
  readonly reason: string;
  readonly timeMs: number;
}

/** What is stored of a pool besides its options; a document, made at its first start or at the first SetPoolState. */
export interface PoolDocument extends KeepsAnswers {
  /** The pool's name. */
  readonly id: string;
  readonly override?: StateOverride;
  /** When the last start began; a time ahead of now counts as now. */
  readonly lastStartMs?: number;
  readonly starts: number;
  readonly failedStarts: number;
  /** Failed starts since the last one that went well. */
  readonly failuresInRow: number;
  /** No start before this. */
  readonly retryMs?: number;
  /** What the last failed start failed with; '' after one that went well. */
  readonly lastError: string;
  /** How the last starts ended, at most 20, the latest last: 1 = well, 0 = failed. */
  readonly lastStarts: readonly number[];
  /** How long the last start that went well took. */
  readonly startMs?: number;
  readonly updateMs: number;
}

/** The document of a pool of which nothing is stored yet. */
export function newPoolDocument(name: string, nowMs: number): PoolDocument {
  return {
    id: name,
    starts: 0,
    failedStarts: 0,
    failuresInRow: 0,
    lastError: '',
    lastStarts: [],
    updateMs: nowMs,
    answered: [],
  };
}

/** So many failed starts in a row make a pool DEGRADED. */
const DEGRADED_AFTER = 5;

export function isDegraded({ failuresInRow }: Pick<PoolDocument, 'failuresInRow'>): boolean {
  return failuresInRow >= DEGRADED_AFTER;
}
