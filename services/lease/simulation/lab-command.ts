import type {
  Announced,
  BenchSpec,
  ConditionState,
  HoldMode,
  Offer,
  RequestSpec,
  ReservationSpec,
} from '../src/domain/model.js';

/** Who gives a simulated command. */
export interface Caller {
  readonly name: string;
  readonly operator: boolean;
}

export type DueKind =
  'wait' | 'requestGrace' | 'keepBack' | 'leaseGrace' | 'leaseEnd' | 'ttl' | 'reservation' | 'claims';

/** A command to a simulated lab. Leases are named by the request that they came from, which model and domain share. */
export type LabCommand =
  | { readonly kind: 'acquire'; readonly spec: RequestSpec; readonly session: string }
  | { readonly kind: 'detach'; readonly requestId: string; readonly session: string }
  | { readonly kind: 'sessionLost'; readonly session: string }
  | { readonly kind: 'due'; readonly due: DueKind; readonly requestId: string }
  | {
      readonly kind: 'release';
      readonly requestId: string;
      readonly by: Caller;
      readonly token: 'none' | 'right' | 'wrong';
    }
  | { readonly kind: 'revoke'; readonly requestId: string; readonly by: Caller }
  | {
      readonly kind: 'transfer';
      readonly requestId: string;
      readonly by: Caller;
      readonly newOwner: string;
      readonly hold: HoldMode;
    }
  | { readonly kind: 'extend'; readonly requestId: string; readonly by: Caller; readonly durationMs: number }
  | { readonly kind: 'cancel'; readonly requestId: string; readonly by: Caller }
  | { readonly kind: 'prioritise'; readonly requestId: string; readonly priority: number }
  | { readonly kind: 'createBench'; readonly spec: BenchSpec; readonly origin: string }
  | {
      readonly kind: 'updateBench';
      readonly spec: BenchSpec;
      readonly etag: 'none' | 'right' | 'wrong';
      /** Parts of which what was announced ends. */
      readonly settled: readonly (keyof Announced)[];
    }
  | { readonly kind: 'announce'; readonly name: string; readonly said: Partial<Announced> }
  | { readonly kind: 'deleteBench'; readonly name: string; readonly force: boolean; readonly onlyIdle?: boolean }
  | {
      readonly kind: 'applyInventory';
      readonly specs: readonly BenchSpec[];
      readonly prune: boolean;
      readonly force: boolean;
    }
  | { readonly kind: 'setCondition'; readonly name: string; readonly state: ConditionState; readonly reason: string }
  | {
      readonly kind: 'finishCleaning';
      readonly name: string;
      readonly token: 'right' | 'wrong';
      readonly affinity?: string;
    }
  /** The store has lost something, and with it perhaps the leases of benches that are free now. */
  | { readonly kind: 'cleanFree' }
  | { readonly kind: 'putOffer'; readonly offer: Offer }
  | { readonly kind: 'removeOffer'; readonly pool: string }
  | { readonly kind: 'putReservation'; readonly spec: ReservationSpec; readonly force: boolean }
  | {
      readonly kind: 'deleteReservation';
      readonly id: string;
      readonly version: number;
      readonly ifUnused: boolean;
    };

/** How long a lease of a simulated transfer to TTL lives. */
export const TRANSFER_TTL_MS = 1_000;

/** What model and domain must agree on after every command. */
export interface Picture {
  /** Best first. */
  readonly queue: readonly {
    readonly requestId: string;
    readonly priority: number;
    readonly arrivalMs: number;
    readonly session: string;
    readonly detachedUntilMs: number | undefined;
    readonly keptUntilMs: number | undefined;
    readonly aside: boolean;
    /** 1 = next. */
    readonly position: number;
  }[];
  /** By request id. */
  readonly leases: readonly {
    readonly requestId: string;
    readonly owner: string;
    readonly benches: readonly string[];
    /** As they were granted. */
    readonly specs: readonly BenchSpec[];
    readonly grantedMs: number;
    readonly hold: HoldMode;
    readonly ttlMs: number | undefined;
    readonly session: string;
    readonly detachedUntilMs: number | undefined;
    readonly ownEndMs: number | undefined;
    readonly endMs: number | undefined;
    readonly transferredFrom: string;
  }[];
  /** By name. */
  readonly benches: readonly {
    readonly spec: BenchSpec;
    readonly origin: string;
    readonly condition: ConditionState;
    readonly retired: boolean;
    readonly cleaning: boolean;
    readonly heldFor: string | undefined;
    readonly claimedFor: string | undefined;
  }[];
  readonly offers: readonly string[];
  /** By id. */
  readonly reservations: readonly (ReservationSpec & {
    readonly leadsMs: Readonly<Record<string, number>>;
    readonly started: boolean;
    readonly used: boolean;
  })[];
}
