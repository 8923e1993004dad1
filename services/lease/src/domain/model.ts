/** The words of the lease domain. Times are milliseconds since the epoch on the store's clock, spans milliseconds. */

import type { Actor } from '@berth/kernel';

/** Something a bench can do, with how much it is preferred by requests for it. */
export interface Attribute {
  readonly name: string;
  readonly weight: number;
}

export interface EntitySpec {
  readonly attributes: readonly Attribute[];
  readonly properties: Readonly<Record<string, string>>;
}

/** What a bench is, as its owner describes it. */
export interface BenchSpec {
  readonly name: string;
  readonly location: string;
  readonly attributes: readonly Attribute[];
  readonly entities: Readonly<Record<string, EntitySpec>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly affinity: string;
  /** CLEAN = after each lease nobody gets it before it was cleaned; absent = it is lent on at once. */
  readonly recycle?: 'CLEAN';
}

/**
 * What a service on a bench says of it, for example where it is reached. It is kept apart from the description, which the
 * inventory replaces as a whole.
 */
export interface Announced {
  readonly properties: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export type ConditionState = 'READY' | 'MAINTENANCE' | 'QUARANTINED' | 'OFFLINE';

export interface Condition {
  readonly state: ConditionState;
  readonly reason: string;
  readonly actor: Actor;
  readonly sinceMs: number;
  readonly untilMs?: number;
}

/** Supply that a pool could still make. */
export interface Offer {
  readonly pool: string;
  readonly location: string;
  readonly attributes: readonly Attribute[];
  readonly entities: Readonly<Record<string, EntitySpec>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly available: number;
  /** How many benches of the pool there can be, present ones included; absent = any number. */
  readonly capacity?: number;
  /** It makes a bench only for a requirement that asks for one of these attributes; absent = for any. */
  readonly onDemand?: readonly string[];
  /** How many are being made; absent = none. This and what follows only informs those who wait. */
  readonly starting?: number;
  /** How long it takes to make one; absent = not known. */
  readonly makeTimeMs?: number;
  /** How many are made at a time; absent = one. */
  readonly concurrency?: number;
  readonly blockedReason: string;
  readonly updatedMs: number;
}

export interface EntityRequirement {
  /** Empty = any name. */
  readonly name: string;
  /** Sorted, without repeats. */
  readonly attributes: readonly string[];
}

/** What one bench must be, in normal form: lists sorted and without repeats, empty strings for what is not asked. */
export interface Requirement {
  readonly bench: string;
  readonly location: string;
  readonly attributes: readonly string[];
  readonly entities: readonly EntityRequirement[];
  readonly pool: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Benches that waiting requests lack, all alike. */
export interface Lack {
  readonly requirement: Requirement;
  readonly affinity: string;
  readonly count: number;
  /** When the request that waits longest arrived. */
  readonly sinceMs: number;
  /** The offers that could make them, by pool, with the sum of the requested attributes' weights. */
  readonly offers: readonly { readonly pool: string; readonly weight: number }[];
}

export type HoldMode = 'CONNECTION' | 'TTL' | 'MANUAL';

/** One place in the queue as it was asked for; never changes but for `priority`. */
export interface RequestSpec {
  readonly requestId: string;
  /** True when the caller chose the id, so that its answer is kept for repeats. */
  readonly named: boolean;
  /** Of the whole payload; a repeat with another one is refused. */
  readonly fingerprint: string;
  readonly owner: string;
  readonly description: string;
  /** 1 to 16, counts expanded; none stands for all benches of `booking`. */
  readonly requirements: readonly Requirement[];
  readonly priority: number;
  /** Absent = for ever; 0 = do not wait. */
  readonly waitMs?: number;
  readonly hold: HoldMode;
  readonly ttlMs?: number;
  readonly graceMs: number;
  readonly maxDurationMs?: number;
  readonly affinity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allowMaintenance: boolean;
  /** Place and grant need no stream: they last until they are cancelled or released. MANUAL only. */
  readonly unattended?: boolean;
  /** The booking that it spends. Only then `requirements` may be empty: it asks for all of the booking's benches. */
  readonly booking?: string;
  /** Its caller is an operator, who may spend any booking. Only with `booking`. */
  readonly asOperator?: boolean;
  /** The role of its caller, by which its owner is limited; not in logs of versions without limits. */
  readonly role?: string;
  /** The team of its caller; absent = none. */
  readonly team?: string;
}

export type EndReason =
  | 'RELEASED'
  | 'DISCONNECTED'
  | 'EXPIRED'
  | 'MAX_DURATION'
  | 'REVOKED'
  | 'SESSION_LOST'
  | 'STORE_LOST'
  | 'BENCH_REMOVED'
  | 'TRANSFERRED'
  | 'BOOKED'
  | 'BOOKING_OVER';

export type GoneReason = 'TIMEOUT' | 'CANCELLED' | 'DISCONNECTED' | 'SESSION_LOST' | 'UNSATISFIABLE' | 'BOOKING_OVER';

/** Time of benches that a booking is to have. */
export interface ReservationSpec {
  /** The booking. */
  readonly id: string;
  /** Rises with each change of the booking. */
  readonly version: number;
  /** Names, 1 to 16, each once. */
  readonly benches: readonly string[];
  /** Who may spend it; none = operators, who always may. */
  readonly owners: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

export type ReservationEnd = 'OVER' | 'DELETED';

/** What an owner, or the whole of a team, may have (rule 19); what is absent is not limited. */
export interface Limit {
  /** Benches held. */
  readonly held?: number | undefined;
  /** Requests waiting. */
  readonly waiting?: number | undefined;
  /** The longest `max_duration`. */
  readonly maxDurationMs?: number | undefined;
}

/** The limits of a lab. Those of a role are for each owner, those of a team for all its owners together. */
export interface Limits {
  readonly roles: Readonly<Record<string, Limit | undefined>>;
  readonly teams: Readonly<Record<string, Limit | undefined>>;
}

/** How a lab orders and keeps things; the same on every replica. */
export interface LabRules {
  /** How much waiting one point of priority is worth; 'strict' = priority always wins. Default 60 s. */
  readonly priorityPointMs: number | 'strict';
  /** Turns claims off: a request may overtake a multi-bench request that still lacks benches. */
  readonly backfill: boolean;
  /** How long a waiter whose *server process* was lost keeps its place without a stream. */
  readonly waiterGraceMs: number;
  /** For how long what is free is kept back for a waiter whose caller is away; afterwards the next may have it. */
  readonly keepBackMs: number;
  /** For how long answers are kept for repeats of a request id. At least 24 h. */
  readonly keepAnswersMs: number;
  /** How far ahead the start of a reservation must be to end a lease that was promised no end, or to go before waiters. */
  readonly bookingNoticeMs: number;
  /** How long a bench must be free of reservations for a request that does not say how long it takes. */
  readonly openEndedMs: number;
  /** What owners and teams may have; absent = nobody is limited, and nothing is counted. */
  readonly limits?: Limits;
}
