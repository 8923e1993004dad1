import type { EndReason } from '../domain/index.js';

/** Something that happened to a lease, told in the order in which it happened. Times are epoch milliseconds. */
export type LeaseFact = LeaseBegan | LeaseOver;

export interface LeaseBegan {
  readonly kind: 'began';
  readonly leaseId: string;
  /** The fencing token: with the id it tells this grant from every other. */
  readonly token: number;
  readonly benches: readonly string[];
  readonly owner: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The booking that it spends; empty = none. */
  readonly booking: string;
  readonly atMs: number;
}

export interface LeaseOver {
  readonly kind: 'over';
  readonly leaseId: string;
  readonly reason: EndReason;
  /** Who ended it. */
  readonly actor: string;
  readonly message: string;
  readonly atMs: number;
}

/** A fact that was not taken for its own sake: others may be. */
export interface RefusedFact {
  readonly fact: LeaseFact;
  readonly why: string;
}

/** Where the history of leases goes. */
export interface HistorySink {
  /**
   * Resolves when all facts of a lab are kept but those that it answers, which were refused. A fact that is told again
   * changes nothing. Rejects when nothing can be told now: any of them may be kept by then, and all are told again later.
   */
  record(lab: string, facts: readonly LeaseFact[], signal: AbortSignal): Promise<readonly RefusedFact[]>;
}
