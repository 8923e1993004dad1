import type { Collection } from '@berth/storage';
import type { Booking } from '../domain/model/booking.js';
import type { Entry } from '../domain/model/ledger.js';

export type { Collection, Document, Stored } from '@berth/storage';

/** A root cluster that has, or may have, a ledger. */
export interface RootDocument {
  /** The root's name. */
  readonly id: string;
}

/** An entry of a ledger. Its id is made from root and sequence, so no two entries have the same. */
export interface EntryDocument {
  readonly id: string;
  /** The mark of the entry before. */
  readonly after: string;
  readonly entry: Entry;
}

/** A part of a snapshot. Its id begins with that of the head and something random, since two replicas may save one. */
export interface PieceDocument {
  readonly id: string;
  /** Items as a JSON list. */
  readonly text: string;
}

/** What makes a snapshot whole. Its id is made from root and sequence. */
export interface SnapshotDocument {
  readonly id: string;
  readonly root: string;
  readonly sequence: number;
  readonly mark: string;
  /** What the ids of its pieces begin with. */
  readonly pieces: string;
  readonly count: number;
  readonly savedMs: number;
}

/** A booking as lists find it, written behind the ledger. */
export interface BookingDocument {
  readonly id: string;
  readonly root: string;
  /** The entry that it is as of. */
  readonly sequence: number;
  /** What lists are asked for; see list-keys.ts. */
  readonly keys: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  /** Its end, while its keys say that it is not over. */
  readonly liveUntilMs?: number;
  readonly booking: Booking;
}

/** How far the documents of a root have been written: all entries up to this one. */
export interface PositionDocument {
  /** The root's name. */
  readonly id: string;
  readonly sequence: number;
}

/** The documents that lists are read from, and how far they are written. */
export interface ListCollections {
  readonly bookings: Collection<BookingDocument>;
  readonly positions: Collection<PositionDocument>;
}
