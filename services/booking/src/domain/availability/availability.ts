import type { Block } from '../time/block.js';

/** What one amount is like over a block, in the unit of the timeline. */
export interface AmountBlock {
  /** The least granted at any instant of the block. */
  readonly granted: number;
  /** The most booked at any instant of the block. */
  readonly booked: number;
  /** The least left at any instant (granted − booked there, no difference of sums); negative where too much is booked. */
  readonly worst: number;
  /** The most left at any instant. */
  readonly best: number;
  /** How long each level of what is left lasted, the lowest first; there when it is asked for. */
  readonly levels?: readonly Level[];
}

/** So much was left for so long, within a block. */
export interface Level {
  readonly left: number;
  readonly lastedMs: number;
}

/** A block when firm bookings count, or when provisional ones do too. */
export interface SeriesBlock {
  /** In the order of the names of the answer. */
  readonly amounts: readonly AmountBlock[];
  /** How often each template fits at the block's worst instant, in the order of the templates; never below 0. */
  readonly fits: readonly number[];
}

export interface AvailabilityBlock extends Block {
  readonly firm: SeriesBlock;
  /** The object of `firm` where nothing provisional lies in the block. */
  readonly all: SeriesBlock;
}

export interface Availability {
  /** The names of the amounts, in order. */
  readonly amounts: readonly string[];
  readonly blocks: readonly AvailabilityBlock[];
}
