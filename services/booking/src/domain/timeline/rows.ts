/** Whole numbers by the name of an amount. Read it with `Object.entries`: a name may be that of a method of objects. */
export type Amounts = Readonly<Record<string, number>>;

/** What a row does: grants add, bookings subtract, provisional bookings subtract only where those are counted too. */
export type RowKind = 'grant' | 'booking' | 'provisional';

/** A span of time in which nothing changes, and the sums of its rows. */
export interface Piece {
  readonly startMs: number;
  readonly endMs: number;
  readonly granted: number;
  readonly booked: number;
  readonly provisional: number;
}

/** An interval in which too little is left; nothing that touches it belongs to it. */
export interface Shortage {
  readonly startMs: number;
  readonly endMs: number;
  readonly amount: string;
  /** How much is missing at the worst instant; above 0. */
  readonly shortfall: number;
}
