/** Looks whether what allocations belong to (a lease, a booking, a ticket) is still there. */
export interface ParentCheck {
  /**
   * Those of the parents that are certainly gone. One of a sort that it does not know, or whose service does not answer, is
   * not among them. Throws when nothing could be found out.
   */
  gone(parents: readonly string[]): Promise<ReadonlySet<string>>;
}
