import type { ChainedEntry } from '../event-log/chain.js';
import type { Revision } from '../event-log/event-log.js';

const MOST_ENTRIES = 1_024;
const MOST_EVENTS = 16_384;

/** The newest entries of a log, so that followers and writers that are a little behind need not read the file. */
export class RecentEntries {
  #entries: ChainedEntry[] = [];
  #events = 0;

  push(added: ChainedEntry): void {
    this.#entries.push(added);
    this.#events += added.entry.events.length;
    // Dropping half at a time keeps the cost of an append constant.
    if (this.#entries.length <= MOST_ENTRIES && this.#events <= MOST_EVENTS) return;
    this.#entries = this.#entries.slice(Math.ceil(this.#entries.length / 2));
    this.#events = this.#entries.reduce((sum, { entry }) => sum + entry.events.length, 0);
  }

  /** Up to `limit` entries after `after`, or undefined when the first of them may be older than what is kept here. */
  after(after: Revision, limit: number): ChainedEntry[] | undefined {
    const oldest = this.#entries[0];
    if (oldest === undefined || after < oldest.prev) return undefined;
    let from = this.#entries.length;
    while (from > 0 && (this.#entries[from - 1]?.entry.last ?? 0) > after) from -= 1;
    return this.#entries.slice(from, from + limit);
  }

  /** Forgets entries that were trimmed, so that a reader behind them is told. */
  clear(): void {
    this.#entries = [];
    this.#events = 0;
  }
}
