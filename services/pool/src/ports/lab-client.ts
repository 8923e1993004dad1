import type { Demand, LabBenches, PoolOffer } from '../domain/supply.js';

/** A bench that a pool adds to its lab. */
export interface NewBench {
  readonly lab: string;
  readonly name: string;
  readonly pool: string;
  readonly attributes: readonly { readonly name: string; readonly weight: number }[];
  readonly properties: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Makes it repeatable. */
  readonly requestId: string;
}

/**
 * The lease service, as pools use it. Its calls reject when that is away, and with the BerthError of what it refuses; a call
 * that rejects may have been carried out, but for refusals.
 */
export interface LabClient {
  /** Streams the benches of pools whenever they change, level-triggered; ends when the signal aborts, rejects when it breaks. */
  watchBenches(lab: string, signal: AbortSignal): AsyncGenerator<LabBenches, void, undefined>;
  /** Streams the demand whenever it changes, level-triggered; ends when the signal aborts, rejects when it breaks. */
  watchDemand(lab: string, signal: AbortSignal): AsyncGenerator<Demand, void, undefined>;
  /** Resolves to the revision of the lab at which it is there. One of this name that is there by an earlier call is OK. */
  createBench(bench: NewBench): Promise<number>;
  /**
   * Removes a bench; one that is not there is OK. `force` ends a lease on it, with the reason. `idle` refuses it when it is
   * leased or claimed. Resolves to false when it was refused for that, or goes only after its lease.
   */
  deleteBench(lab: string, name: string, how: 'force' | 'idle' | 'drain', reason: string): Promise<boolean>;
  /** Says that it is clean. Resolves to false when it was refused: it was leased again, or is gone. */
  finishCleaning(lab: string, name: string, token: number, affinity: string): Promise<boolean>;
  /** Quarantines a bench that was seen so, or lifts that. Resolves to false when it changed meanwhile, or is gone. */
  setQuarantine(lab: string, name: string, etag: string, reason: string | undefined): Promise<boolean>;
  putOffer(lab: string, offer: PoolOffer): Promise<void>;
  /** Withdraws an offer; one that is not there is OK. */
  deleteOffer(lab: string, pool: string): Promise<void>;
}
