import type { FirstSeen } from '../domain/sweep.js';

/** What the lists of a pool have shown; a document. */
export interface SweepDocument {
  /** The pool's name. */
  readonly id: string;
  readonly firstSeen: FirstSeen;
  /** The last list that could be used. */
  readonly sweptMs: number;
}
