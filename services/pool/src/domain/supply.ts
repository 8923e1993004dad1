/** A lease on a bench, as the lease service has it. */
export interface BenchLease {
  readonly id: string;
  readonly fencingToken: number;
  /** The affinity of its request; '' = none. */
  readonly sandbox: string;
  readonly sinceMs: number;
}

/** A bench of a pool, as the lease service has it. */
export interface PoolBench {
  readonly name: string;
  readonly pool: string;
  readonly condition: 'READY' | 'MAINTENANCE' | 'QUARANTINED' | 'OFFLINE';
  /** Who set the condition. */
  readonly conditionBy: string;
  /** To change only what was seen. */
  readonly etag: string;
  readonly affinity: string;
  /** Not 0: it is to be cleaned, and this is the token that FinishCleaning takes. */
  readonly cleaningToken: number;
  readonly lease?: BenchLease;
}

/** The benches of pools in a lab, at a revision of it. */
export interface LabBenches {
  readonly revision: number;
  readonly benches: ReadonlyMap<string, PoolBench>;
}

/** Benches that waiting requests lack, all alike. */
export interface Lack {
  readonly attributes: readonly string[];
  /** The affinity of the requests; '' = none. */
  readonly affinity: string;
  readonly count: number;
  /** Pools that could make them, with the sum of the weights that they give to the attributes. */
  readonly offers: readonly { readonly pool: string; readonly weight: number }[];
}

/** What waiting requests of a lab lack, at a revision of it, the best request's first. */
export interface Demand {
  readonly revision: number;
  readonly lacks: readonly Lack[];
  /** Free benches that are kept for waiting requests. */
  readonly claimed: ReadonlySet<string>;
}

/** What a pool could still make, for those who wait. */
export interface PoolOffer {
  readonly pool: string;
  readonly attributes: readonly { readonly name: string; readonly weight: number }[];
  /** How many benches of it there can be at once. */
  readonly capacity: number;
  /** Its attributes that are made on demand: with some, one is made only for a request that asks for one of them. */
  readonly onDemand: readonly string[];
  /** How many more can be made. */
  readonly available: number;
  readonly starting: number;
  /** How long it takes to make one; absent = not known. */
  readonly makeMs?: number;
  readonly concurrency: number;
  /** Why none can be made now; '' = all is well. */
  readonly blockedReason: string;
}
