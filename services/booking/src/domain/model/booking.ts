import type { Interval } from '../time/interval.js';
import type { Amounts } from '../timeline/rows.js';

/** Where a booking stands in the ledger. ACTIVE and ENDED are told by time: see `stateAt`. */
export type StoredState =
  'HELD' | 'PENDING' | 'PROVISIONAL' | 'BOOKED' | 'RELEASED' | 'CANCELLED' | 'EXPIRED' | 'UNRESOLVED';

/** Where a booking stands as users see it. */
export type BookingState = StoredState | 'ACTIVE' | 'ENDED';

/** A version of a template, and how many of it. */
export interface TemplateUse {
  readonly name: string;
  readonly version: number;
  readonly count: number;
}

/** What the benches of a span must be; matching stays in the lease service, so Booking never looks into it. */
export interface BenchWish {
  /** How many benches. */
  readonly count: number;
  /** As the caller gave it; kept so that another bench can be looked for. Plain data. */
  readonly requirement: unknown;
  /** While the booking waits: those that would do, so that others than the first choice may give it room. */
  readonly candidates?: readonly BenchCandidate[];
}

/** A bench that would do, and how well: the sum of the weights of the attributes asked for. */
export interface BenchCandidate {
  readonly bench: string;
  readonly weight: number;
}

/** One part of a booking: something of one cluster for one interval. */
export interface Span {
  readonly cluster: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What it takes, by amount, each above 0; empty for a share. Of benches: 1 for each by name. */
  readonly amounts: Amounts;
  /** A part of each of the cluster's amounts, in basis points: 1 to 10,000. */
  readonly share?: number;
  /** What `amounts` were made from. */
  readonly template?: TemplateUse;
  /** Its benches may be replaced by others that meet this. Absent: they were chosen by name. */
  readonly wish?: BenchWish;
}

/** Why something does not fit: the first interval in which it does not. */
export interface Shortfall {
  readonly cluster: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The amount of which there is too little; SHARE for parts of a cluster that are more than the whole, in basis points. */
  readonly amount: string;
  readonly shortfall: number;
  /** Firm bookings on that cluster in that interval, at most 20. */
  readonly blockers: readonly string[];
  /** The earliest start at which all of it fits, within a year; absent when there is none, or it was not looked for. */
  readonly nextStartMs?: number;
  /** How much of each amount asked for is free over the whole interval that was asked for. */
  readonly fitsNow?: Amounts;
}

/** A refusal as plain data: what a BerthError is made from. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A step at the lab that is still to come: PUT reserves `spans`, FREE gives back what is reserved. What the booking has and what
 * it is to have both count until the step is settled.
 */
export interface LabStep {
  readonly step: 'PUT' | 'FREE';
  /** The version of the reservation that the step makes or ends; a settlement of another one changes nothing. */
  readonly version: number;
  /** PUT: the spans that it will have. */
  readonly spans?: readonly Span[];
  /** The state that it has when the step is taken. */
  readonly to: StoredState;
  /** The state that it has when the lab refuses. */
  readonly back: StoredState;
  /** FREE: only if nobody used it (no-show). */
  readonly ifUnused?: boolean;
  /** PUT: also where a lease or a waiting request is in the way. */
  readonly force?: boolean;
  /** Why it is done, for people. */
  readonly why?: string;
}

/** What a caller says about a booking. */
export interface BookingWishes {
  readonly owner: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** 0 to 100, higher first. */
  readonly priority: number;
  readonly whenFull: 'REFUSE' | 'WAIT';
  /** With WAIT: when it is told UNRESOLVED. Absent = its start. */
  readonly resolveByMs?: number;
  /** How long after its start what is left of it is freed if nobody used it. Absent = never. */
  readonly releaseAfterMs?: number;
  /** How long before its start and its end a notice is told. Absent = none. */
  readonly notifyBeforeStartMs?: number;
  readonly notifyBeforeEndMs?: number;
}

/** A booking. Immutable: a change is another object. */
export interface Booking extends BookingWishes {
  readonly id: string;
  readonly spans: readonly Span[];
  readonly state: StoredState;
  readonly degraded: boolean;
  /** Why it is in that state, or degraded, for people; empty when there is nothing to say. */
  readonly reason: string;
  /** Its place among all bookings of the root, in order of creation. */
  readonly order: number;
  readonly actor: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Rises with every change but a notice, from 1: its etag. */
  readonly version: number;
  /** HELD: when it expires. */
  readonly holdUntilMs?: number;
  /** When what was left of it was freed: cancelled, released, expired. */
  readonly freedMs?: number;
  /** Provisional, refused by the lab: when it is tried again. */
  readonly retryMs?: number;
  /** When it was first used. */
  readonly usedMs?: number;
  /** Provisional: what is in its way, as it was seen last. */
  readonly shortfall?: Shortfall;
  /** The cluster whose booking on its parent this is. */
  readonly child?: string;
  /** The exclusive cluster that was made with it; gone with it. */
  readonly newCluster?: string;
  readonly series?: string;
  /** Its place in the series, from 1. */
  readonly occurrence?: number;
  /** The start and the end that its owner was reminded of. */
  readonly noticedStartMs?: number;
  readonly noticedEndMs?: number;
  /** DEGRADED by capacity: the end of its last interval below 0. */
  readonly belowUntilMs?: number;
  /** DEGRADED by a bench that cannot be used. */
  readonly benchLost?: boolean;
  readonly lab?: LabStep;
  /** The reservation that the lab has, as far as the ledger knows: its version; absent = none. */
  readonly reserved?: number;
  /** Why the lab refused the last step. */
  readonly refusal?: Refusal;
}

/** Where its first span begins and its last one ends. */
export function extentOf({ spans }: { readonly spans: readonly Interval[] }): Interval {
  let startMs = Infinity;
  let endMs = -Infinity;
  for (const span of spans) {
    startMs = Math.min(startMs, span.startMs);
    endMs = Math.max(endMs, span.endMs);
  }
  return { startMs, endMs };
}

/** The state of a booking as users see it at an instant. */
export function stateAt(booking: Booking, nowMs: number): BookingState {
  if (booking.state !== 'BOOKED') return booking.state;
  const { startMs, endMs } = extentOf(booking);
  if (nowMs >= endMs) return 'ENDED';
  return nowMs >= startMs ? 'ACTIVE' : 'BOOKED';
}

/** Whether it counts as used: nobody else can have what it takes. */
export function isFirm({ state }: Pick<Booking, 'state'>): boolean {
  return state === 'HELD' || state === 'PENDING' || state === 'BOOKED';
}

/** Whether it waits for room. */
export function isWaiting({ state }: Pick<Booking, 'state'>): boolean {
  return state === 'PROVISIONAL' || state === 'UNRESOLVED';
}

/** Whether nothing of it is to come any more at an instant. */
export function isOver(booking: Booking, nowMs: number): boolean {
  if (isWaiting(booking)) return false;
  return !isFirm(booking) || nowMs >= extentOf(booking).endMs;
}
