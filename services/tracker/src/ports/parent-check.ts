/** What was found out about parents. Those in neither set are there, or of a sort that nobody can be asked about. */
export interface LookedUp {
  /** Certainly gone. */
  readonly gone: ReadonlySet<string>;
  /** Nothing could be found out about them this time. */
  readonly unknown: ReadonlySet<string>;
}

/** Looks whether what allocations belong to (a lease, a booking, a ticket) is still there. */
export interface ParentCheck {
  /**
   * Looks many parents up at once. Parents that cannot be asked about are `unknown`, and do not keep the others from being
   * looked up. Throws when nothing could be found out about any.
   */
  look(parents: readonly string[]): Promise<LookedUp>;
}
