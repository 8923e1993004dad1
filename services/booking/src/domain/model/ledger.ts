import type { Booking, Shortfall } from './booking.js';
import type { Cluster, Grant, Series, Template } from './cluster.js';

/** One object as it is after an entry. The fold of a ledger puts them, in order. */
export type Change =
  | { readonly kind: 'booking'; readonly booking: Booking }
  | { readonly kind: 'cluster'; readonly cluster: Cluster }
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'series'; readonly series: Series };

export type NoticeKind =
  | 'STARTS'
  | 'ENDS'
  | 'PROMOTED'
  | 'UNRESOLVED'
  | 'CANCELLED'
  | 'RELEASED'
  | 'DEGRADED'
  | 'RESTORED'
  | 'MOVED'
  | 'EXPIRED';

/** Something about a booking that its owner should know. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly booking: string;
  /** For people. */
  readonly text: string;
}

/** What a command did: the ids of what it is about. A repeat gets the same, with the objects as they are then. */
export interface Done {
  /** The booking, grant, cluster, series or template (`name@version`) that the command was about. */
  readonly id: string;
  /** All bookings that it made or changed. */
  readonly bookings: readonly string[];
  /** Best effort: what does not fit of a series. */
  readonly conflicts?: readonly Shortfall[];
}

/** A command that was carried out, kept for 24 h so that its repeat gets the same answer. */
export interface StoredAnswer {
  readonly id: string;
  readonly fingerprint: string;
  readonly done: Done;
  readonly atMs: number;
}

/** An entry of a root's ledger: all that happened in one step. Plain data, without undefined. */
export interface Entry {
  /** 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** Never before the one of the entry before. */
  readonly atMs: number;
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
  readonly answers: readonly StoredAnswer[];
}

/** What an entry or a snapshot is made of, so that a snapshot is cut anywhere between two of them. */
export type SnapshotItem =
  | {
      readonly kind: 'head';
      readonly version: 1;
      readonly root: string;
      readonly sequence: number;
      readonly atMs: number;
      /** How many bookings were made so far. */
      readonly made: number;
      /** What ended before is not in the snapshot. */
      readonly keptFromMs: number;
    }
  | Change
  | { readonly kind: 'answer'; readonly answer: StoredAnswer };
