import type { LogEntry, Revision } from './event-log.js';
import { unpackEvents } from './packing.js';

/**
 * An entry as an engine keeps it. `prev` is the `last` of the entry before it, also when that one is trimmed by now, so the
 * kept entries form a chain. A reader whose position is not the `prev` of the next entry it gets was cut off: entries were
 * trimmed, or the store lost its tail and the log went on from an older position.
 */
export interface ChainedEntry {
  readonly prev: Revision;
  readonly entry: LogEntry;
}

/** The entry from its stored parts. */
export function chainedEntry(prev: Revision, last: Revision, packed: Uint8Array): ChainedEntry {
  const events = unpackEvents(packed);
  return { prev, entry: { first: last - events.length + 1, last, events } };
}

/**
 * Whether a reader at `after` can go on in a log that ends at `last`, given the first entry after `after`. True only when
 * `after` is a position of this log: the end of an entry, or 0.
 */
export function continues(after: Revision, last: Revision, next: ChainedEntry | undefined): boolean {
  return next === undefined ? after === last : next.prev === after;
}

/** The kept entries after `after`, or 'trimmed' when a reader there cannot go on (see `continues`). */
export function readable(
  after: Revision,
  last: Revision,
  found: readonly ChainedEntry[],
): readonly LogEntry[] | 'trimmed' {
  return continues(after, last, found[0]) ? found.map(({ entry }) => entry) : 'trimmed';
}
