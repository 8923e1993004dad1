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

/** Where the history of leases goes. */
export interface HistorySink {
  /**
   * Resolves when all facts of a lab are kept; a fact that is told again changes nothing. Rejects when that is not possible
   * now: any of them may be kept by then, and all are told again later.
   */
  record(lab: string, facts: readonly LeaseFact[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
