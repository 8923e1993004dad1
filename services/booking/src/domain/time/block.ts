import type { Interval } from './interval.js';

/** One block of a calendar. */
export interface Block extends Interval {
  /** Whether the block reaches beyond the range, or was cut by it. */
  readonly partial: boolean;
}
