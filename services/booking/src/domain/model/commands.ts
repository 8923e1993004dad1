import type { BerthError, By, RequestKey } from '@berth/kernel';
import type { Amounts } from '../timeline/rows.js';
import type { BenchCandidate, BenchWish, BookingWishes, Refusal, TemplateUse } from './booking.js';
import type { Part } from './cluster.js';
import type { Done } from './ledger.js';

/** How far a role may go. Absent = as far as anybody likes. */
export interface BookingLimits {
  /** The longest booking, from its first start to its last end. */
  readonly longestMs?: number;
  /** How far ahead its end may lie. */
  readonly farthestMs?: number;
  /** How many holds at a time. */
  readonly holds?: number;
}

/** One part of a booking as it is asked for: exactly one of amounts, share, template and benches. */
export interface SpanAsk {
  /** Absent: the new cluster's. */
  readonly cluster?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly amounts?: Amounts;
  readonly share?: number;
  /** Resolved by the caller: `amounts` are what one of it takes. */
  readonly template?: TemplateUse & { readonly amounts: Amounts };
  /** By name, or those of the candidates that are best and free. */
  readonly benches?:
    { readonly names: readonly string[] } | (BenchWish & { readonly candidates: readonly BenchCandidate[] });
}

/** A cluster as it is asked for. Sizes come from `amounts` or `parts`. */
export interface ClusterAsk {
  readonly name: string;
  /** Absent for a root one; then `startMs`, `endMs`, `amounts`, `parts` and `limit` are absent too. */
  readonly parent?: string;
  readonly description: string;
  readonly owner: string;
  readonly kind: string;
  readonly units: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly amounts?: Amounts;
  readonly parts?: readonly Part[];
  readonly limit?: Amounts;
}

/** What every command has. */
export interface Asked {
  readonly by: By;
  /** With an empty id it cannot be repeated. */
  readonly key: RequestKey;
}

interface Etag {
  /** Only if this is still its version. */
  readonly etag?: string;
}

export interface CreateBooking extends Asked {
  readonly kind: 'createBooking';
  readonly id: string;
  readonly wishes: BookingWishes;
  readonly spans: readonly SpanAsk[];
  /** A hold for so long, instead of a booking. */
  readonly holdMs?: number;
  /** Made in the same step; `bookingId` is the one on its parent. */
  readonly newCluster?: ClusterAsk & { readonly bookingId: string };
  readonly limits?: BookingLimits;
  /** See LabStep.force. Operators. */
  readonly force?: boolean;
}

export interface CreateSeries extends Asked {
  readonly kind: 'createSeries';
  readonly id: string;
  readonly wishes: BookingWishes;
  readonly rule: unknown;
  /** By start. */
  readonly occurrences: readonly { readonly id: string; readonly spans: readonly SpanAsk[] }[];
  readonly bestEffort: boolean;
  readonly limits?: BookingLimits;
  readonly force?: boolean;
}

/** The new values of a booking; what is absent stays, null clears. */
export interface BookingChange {
  readonly spans?: readonly SpanAsk[];
  readonly owner?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly resolveByMs?: number | null;
  readonly releaseAfterMs?: number | null;
  readonly notifyBeforeStartMs?: number | null;
  readonly notifyBeforeEndMs?: number | null;
}

/** Changes of one or more bookings: all of them or none. */
export interface UpdateBookings extends Asked {
  readonly kind: 'updateBookings';
  /** The first is the one that the command names. */
  readonly bookings: readonly ({ readonly id: string; readonly change: BookingChange } & Etag)[];
  readonly limits?: BookingLimits;
  readonly force?: boolean;
}

/** Which bookings of a series are meant: the named one, that and all after it, all that have not begun. */
export type SeriesScope = 'ONE' | 'FOLLOWING' | 'ALL';

export interface CancelBooking extends Asked, Etag {
  readonly kind: 'cancelBooking';
  readonly id: string;
  readonly scope: SeriesScope;
  /** Why, for its owner. */
  readonly why: string;
}

export interface ConfirmHold extends Asked, Etag {
  readonly kind: 'confirmHold';
  readonly id: string;
}

/** It is used: its owner says so, or a lease on a bench of it was granted. */
export interface CheckIn extends Asked {
  readonly kind: 'checkIn';
  readonly id: string;
}

/** The lab took or refused a step. */
export interface Settle extends Asked {
  readonly kind: 'settle';
  readonly id: string;
  readonly version: number;
  /** Absent = it took it. */
  readonly refusal?: Refusal;
}

/** A bench of it cannot be used, or can again. With candidates another one is taken where it was chosen by a wish. */
export interface BenchLost extends Asked {
  readonly kind: 'benchLost';
  readonly id: string;
  /** Empty = all of its benches can be used. */
  readonly lost: readonly string[];
  readonly why: string;
  readonly candidates?: readonly BenchCandidate[];
}

/** The benches of a lab as they are now: amounts of `lab/<lab>`. */
export interface Inventory extends Asked {
  readonly kind: 'inventory';
  readonly benches: readonly string[];
}

export interface GrantAsk {
  readonly cluster: string;
  readonly kind: 'CAPACITY' | 'MAINTENANCE';
  readonly startMs: number;
  readonly endMs: number;
  readonly amounts: Amounts;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface CreateGrant extends Asked {
  readonly kind: 'createGrant';
  readonly id: string;
  readonly grant: GrantAsk;
}

export interface UpdateGrant extends Asked, Etag {
  readonly kind: 'updateGrant';
  readonly id: string;
  readonly change: Partial<Omit<GrantAsk, 'cluster' | 'kind'>>;
  /** Also where firm bookings need it: they become DEGRADED. */
  readonly force: boolean;
}

export interface DeleteGrant extends Asked, Etag {
  readonly kind: 'deleteGrant';
  readonly id: string;
  readonly force: boolean;
}

export interface CreateCluster extends Asked {
  readonly kind: 'createCluster';
  readonly cluster: ClusterAsk;
  /** The id of the booking on its parent; empty for a root one. */
  readonly bookingId: string;
  /** What becomes of it when its parent has no room. */
  readonly whenFull: 'REFUSE' | 'WAIT';
  readonly priority: number;
}

export interface UpdateCluster extends Asked, Etag {
  readonly kind: 'updateCluster';
  readonly name: string;
  readonly change: {
    readonly description?: string;
    readonly owner?: string;
    readonly kind?: string;
    readonly units?: Readonly<Record<string, string>>;
    readonly timeZone?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly limit?: Amounts | null;
    /** A new end: the last size lasts until then. */
    readonly endMs?: number;
  };
}

export interface ResizeCluster extends Asked, Etag {
  readonly kind: 'resizeCluster';
  readonly name: string;
  readonly startMs: number;
  /** Absent = the cluster's end. */
  readonly endMs?: number;
  readonly amounts: Amounts;
  readonly parts: readonly Part[];
  /** Also where firm bookings in it need more: they become DEGRADED. Operators. */
  readonly force: boolean;
}

export interface DeleteCluster extends Asked, Etag {
  readonly kind: 'deleteCluster';
  readonly name: string;
  /** Cancels what is in it. Else it is refused when something to come is. */
  readonly force: boolean;
}

export interface CreateTemplate extends Asked {
  readonly kind: 'createTemplate';
  readonly name: string;
  readonly amounts: Amounts;
  readonly description: string;
}

export interface HideTemplate extends Asked {
  readonly kind: 'hideTemplate';
  readonly name: string;
  /** Absent = all of them. */
  readonly version?: number;
}

export type Command =
  | CreateBooking
  | CreateSeries
  | UpdateBookings
  | CancelBooking
  | ConfirmHold
  | CheckIn
  | Settle
  | BenchLost
  | Inventory
  | CreateGrant
  | UpdateGrant
  | DeleteGrant
  | CreateCluster
  | UpdateCluster
  | ResizeCluster
  | DeleteCluster
  | CreateTemplate
  | HideTemplate;

/** What became of a command. `repeated`: it was carried out by an earlier entry. */
export type Answer = { readonly done: Done; readonly repeated: boolean } | { readonly refused: BerthError };
