import type { Booking } from '../../domain/model/booking.js';
import type { BookingDocument, Collection, ListCollections, Stored } from '../../ports/collections.js';
import type { Ledgers } from '../../ports/ledger.js';
import type { RootReplica } from '../roots/root-replica.js';
import { documentOf } from './list-keys.js';

const READ = 500;
const WRITE = 500;

/**
 * Writes the documents that lists are read from, behind the ledger.
 *
 * A stored position says up to which entry a root's documents are written; it moves on only when they are. Anybody may write:
 * each document names the entry that it is as of, and is never replaced by one of an earlier entry. A writes booking b as of
 * 9, B as of 11. B has written when A, which has read b as of 5, replaces that: A's write is stale, A reads 11, and leaves
 * it. So when the position is at 11, b is as of 11 or later.
 */
export class ListWriter {
  /** Positions that were seen: they only rise. */
  readonly #positions = new Map<string, number>();

  constructor(
    private readonly lists: ListCollections,
    private readonly ledgers: Ledgers,
  ) {}

  /** Writes what lacks of a root, up to what was acknowledged before this call. */
  async catchUp(replica: RootReplica): Promise<void> {
    const upTo = await replica.read(({ sequence }) => sequence);
    let at = this.#positions.get(replica.root) ?? 0;
    if (at < upTo) at = await this.#stored(replica.root);
    while (at < upTo) at = await this.#writeOn(replica, at);
  }

  /** Writes the documents of the entries after `at`; resolves to the new position. */
  async #writeOn(replica: RootReplica, at: number): Promise<number> {
    const { root } = replica;
    const entries = await this.ledgers.read(root, at, READ);
    const last = entries.at(-1)?.entry.sequence ?? 0;
    if (entries[0]?.entry.sequence !== at + 1) return this.#writeAll(replica);
    const documents = new Map<string, BookingDocument>();
    for (const { entry } of entries) {
      for (const change of entry.changes) {
        if (change.kind !== 'booking') continue;
        documents.set(change.booking.id, documentOf(change.booking, root, entry.sequence));
      }
    }
    await this.#put([...documents.values()]);
    return this.#raise(root, last);
  }

  /** For a position whose next entries are gone already: writes all bookings. */
  async #writeAll(replica: RootReplica): Promise<number> {
    const all = await replica.read(({ sequence, bookings }): { sequence: number; bookings: readonly Booking[] } => ({
      sequence,
      bookings: [...bookings.values()],
    }));
    const { root } = replica;
    for (let at = 0; at < all.bookings.length; at += WRITE) {
      await this.#put(all.bookings.slice(at, at + WRITE).map((booking) => documentOf(booking, root, all.sequence)));
    }
    return this.#raise(root, all.sequence);
  }

  async #put(documents: readonly BookingDocument[]): Promise<void> {
    const { bookings } = this.lists;
    for (let left = documents; left.length > 0;) {
      const found = await bookings.getMany(left.map(({ id }) => id));
      left = await putRound(bookings, left, new Map(found.map((stored) => [stored.value.id, stored])));
    }
  }

  async #stored(root: string): Promise<number> {
    const sequence = (await this.lists.positions.get(root))?.value.sequence ?? 0;
    this.#positions.set(root, sequence);
    return sequence;
  }

  /** Moves the position on, unless it is farther. */
  async #raise(root: string, sequence: number): Promise<number> {
    const { positions } = this.lists;
    for (;;) {
      const stored = await positions.get(root);
      const there = stored?.value.sequence ?? 0;
      const position = { id: root, sequence };
      if (stored !== undefined && there >= sequence) {
        this.#positions.set(root, there);
        return there;
      }
      const isWritten =
        stored === undefined
          ? (await positions.insert([position]))[0]?.outcome === 'inserted'
          : (await positions.replace(position, stored.revision)).outcome === 'replaced';
      if (!isWritten) continue;
      this.#positions.set(root, sequence);
      return sequence;
    }
  }
}

/** Writes documents that are not there, or as of an earlier entry. Resolves to those that another writer came in between for. */
async function putRound(
  bookings: Collection<BookingDocument>,
  documents: readonly BookingDocument[],
  found: ReadonlyMap<string, Stored<BookingDocument>>,
): Promise<readonly BookingDocument[]> {
  const inserts: BookingDocument[] = [];
  const replaces: { document: BookingDocument; expected: string }[] = [];
  for (const document of documents) {
    const stored = found.get(document.id);
    if (stored === undefined) inserts.push(document);
    else if (stored.value.sequence < document.sequence) replaces.push({ document, expected: stored.revision });
  }
  const inserted = inserts.length === 0 ? [] : await bookings.insert(inserts);
  const replaced = replaces.length === 0 ? [] : await bookings.replaceMany(replaces);
  return [
    ...inserts.filter((_, at) => inserted[at]?.outcome !== 'inserted'),
    ...replaces.flatMap(({ document }, at) => (replaced[at]?.outcome === 'replaced' ? [] : [document])),
  ];
}
