import type { ChainedEntry } from '../event-log/chain.js';
import type { LogEntry, Revision } from '../event-log/event-log.js';

/** How long a follower does not read after an append has told it how the log goes on. */
const PAUSE_MS = 5;
/** A follower that takes none of so many reads them from the log. */
const MOST = 64;

/**
 * Entries that a follower knows from appends of its own process, so that it need not read them back.
 *
 * While the process appends, its follower does not read at all: each append names the revision that it follows, so its
 * answer tells what others committed meanwhile, or that they did not. So what others commit is late by 5 ms at most. Could an
 * entry be told that the log has lost? The store takes 7, which follows 5, and comes back with a copy that ends at 5. The
 * follower is told 7, as it would have read it before the loss, and reads on from there: `lost`. A follower that begins
 * after that is told only of appends that are answered after it began, so never of 7.
 */
export class ToldEntries {
  readonly #entries: ChainedEntry[] = [];
  #toldMs = -Infinity;

  constructor(private readonly monotonic: () => number) {}

  /** Notes entries that follow the revision `after`, one on the other. */
  tell(after: Revision, entries: readonly LogEntry[]): void {
    if (this.#entries.length >= MOST) this.#entries.length = 0;
    let prev = after;
    for (const entry of entries) {
      this.#entries.push({ prev, entry });
      prev = entry.last;
    }
    this.#toldMs = this.monotonic();
  }

  /** Takes the entries that follow `cursor`, one on the other; none when it is not known what follows it. */
  take(cursor: Revision): readonly ChainedEntry[] {
    const taken: ChainedEntry[] = [];
    let at = cursor;
    // An entry may be told twice: to the append that made it, and to one that had it in its way.
    for (const chained of this.#entries.splice(0)) {
      if (chained.prev !== at) continue;
      taken.push(chained);
      at = chained.entry.last;
    }
    return taken;
  }

  /** For how long it is known, without reading, that nothing more follows; 0 or less = not at all. */
  get pauseMs(): number {
    return this.#toldMs + PAUSE_MS - this.monotonic();
  }
}
