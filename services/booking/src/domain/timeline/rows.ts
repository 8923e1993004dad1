import type { Interval } from '../time/interval.js';

/** Whole numbers by the name of the amount. Read it with `Object.entries`: a name may be that of a method of objects. */
export type Amounts = Readonly<Record<string, number>>;

/** What a row does: grants add, bookings (and maintenance) subtract, provisional bookings subtract in `all` only. */
export type RowKind = 'grant' | 'booking' | 'provisional';

/** A row of a timeline. The unit of amounts is the caller's; sums stay within 2^53. */
export interface Row extends Interval {
  readonly kind: RowKind;
  readonly amounts: Amounts;
}

/** The first interval in which too little is left. */
export interface Shortage extends Interval {
  readonly amount: string;
  /** How much is missing at its worst instant; above 0. */
  readonly shortfall: number;
}
