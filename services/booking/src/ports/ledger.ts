import type { Entry, SnapshotItem } from '../domain/model/ledger.js';

/** An entry as it is stored. */
export interface StoredEntry {
  readonly entry: Entry;
  /** Tells it from another entry that had its place, where a store lost the end of a ledger: no two appends have the same. */
  readonly mark: string;
  /** The mark of the entry before it; empty for the first. */
  readonly after: string;
}

export interface StoredSnapshot {
  readonly items: readonly SnapshotItem[];
  /** The last entry that is in it, and the mark of that. */
  readonly sequence: number;
  readonly mark: string;
}

/** What a state was when it was saved. */
export interface SnapshotPlace {
  readonly sequence: number;
  readonly mark: string;
}

/**
 * The ledger of each root cluster: entries in an order that all replicas agree on. Every method throws STORE_UNAVAILABLE; an
 * append that throws may have been done.
 */
export interface Ledgers {
  /** All roots that have, or may have, a ledger. */
  roots(): Promise<readonly string[]>;
  /** Whether there is such a root, also one made by another process a moment ago. */
  has(root: string): Promise<boolean>;
  /** Makes room for a ledger; OK when it is there. */
  add(root: string): Promise<void>;
  /**
   * Appends an entry at its sequence, after the entry with the mark `after`. Resolves to its own mark, or undefined when
   * another entry is there already: then nothing was done.
   */
  append(root: string, entry: Entry, after: string): Promise<string | undefined>;
  /** The entries after a sequence, at most `limit`, in order. Entries before the newest snapshot may be gone. */
  read(root: string, after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The newest snapshot that is whole; undefined when there is none. */
  newestSnapshot(root: string): Promise<StoredSnapshot | undefined>;
  /** The last entry that the newest snapshot has; 0 without one. */
  newestSnapshotSequence(root: string): Promise<number>;
  /** Saves a snapshot; another one of the same sequence that is there already stays. Lets others run in between. */
  saveSnapshot(root: string, place: SnapshotPlace, items: readonly SnapshotItem[], nowMs: number): Promise<void>;
  /** Removes the entries that the newest snapshot has and that are older than `beforeMs`. Resolves to their count. */
  trim(root: string, beforeMs: number, signal: AbortSignal): Promise<number>;
}
