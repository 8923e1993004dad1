import type { Block } from '../time/block.js';
import type { Amounts } from '../timeline/rows.js';

/** What one amount is like over a block. Units are those of the timeline. */
export interface AmountBlock {
  /** The least granted at any instant of the block. */
  readonly granted: number;
  /** The most booked at any instant of the block. */
  readonly booked: number;
  /** The least and the most that is left at any instant: granted − booked there. May be negative. */
  readonly worst: number;
  readonly best: number;
  /** How long each level of what is left lasted, from the lowest on; only where levels are asked for. */
  readonly levels?: readonly Level[];
}

/** A level of what is left, and for how long it was left within a block. */
export interface Level {
  readonly left: number;
  readonly lastedMs: number;
}

/** What is left when firm bookings count, or also provisional ones. */
export interface SeriesBlock {
  /** By name of the amount. */
  readonly amounts: ReadonlyMap<string, AmountBlock>;
  /** How often each template fits at the block's worst instant, in the order of the templates asked for; never below 0. */
  readonly fits: readonly number[];
}

export interface AvailabilityBlock extends Block {
  readonly firm: SeriesBlock;
  /** Equal to `firm` (the same object) where nothing provisional touches the block. */
  readonly all: SeriesBlock;
}

/** What a template needs. */
export type Need = Amounts;
