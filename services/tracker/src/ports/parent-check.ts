/** What was found out about parents. Those in neither set are there, or of a sort that nobody can be asked about. */
export interface LookedUp {
  /** Certainly gone. */
  readonly gone: ReadonlySet<string>;
  /** Nothing could be found out about them this time. */
  readonly unknown: ReadonlySet<string>;
}

/** Looks whether what allocations belong to (leases, tickets or bookings) is still there. */
export interface ParentCheck {
  /**
   * Looks many parents up at once. Parents that cannot be asked about are `unknown`, and do not keep the others from being
   * looked up. Throws when nothing could be found out about any.
   */
  look(parents: readonly string[]): Promise<LookedUp>;
}

/** Looks parents of all kinds up. */
export interface Parents {
  /**
   * Begins a look, of many calls perhaps. It never throws: once a kind could not be asked about, its parents are `unknown`
   * for the rest of the look without being asked about again, and parents of other kinds are looked up all the same.
   */
  begin(): (parents: readonly string[]) => Promise<LookedUp>;
}
