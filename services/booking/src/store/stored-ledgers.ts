import { pages } from '@berth/documents';
import { randomId } from '@berth/kernel';
import type { Entry, SnapshotItem } from '../domain/model/ledger.js';
import type {
  Collection,
  Document,
  EntryDocument,
  PieceDocument,
  RootDocument,
  SnapshotDocument,
} from '../ports/collections.js';
import type { Ledgers, SnapshotPlace, StoredEntry, StoredSnapshot } from '../ports/ledger.js';
import { lastId, sequenceId } from './ledger-ids.js';
import { piecesOf } from './snapshot-pieces.js';

export interface LedgerCollections {
  readonly roots: Collection<RootDocument>;
  readonly entries: Collection<EntryDocument>;
  readonly snapshots: Collection<SnapshotDocument>;
  readonly pieces: Collection<PieceDocument>;
}

const PAGE = 500;
/** A piece has up to 1 MiB. */
const PIECES = 16;
/** Snapshots that are kept: a start may be reading the one before the newest. */
const KEPT = 2;
/** Removals that are under way at a time. */
const AT_ONCE = 50;
const DIGITS = 6;

/**
 * Ledgers in collections of documents, a document an entry.
 *
 * The id of an entry is its root and sequence, so of two appends at one place the store takes one, on every engine, without a
 * lock: the other one finds a duplicate. An entry names the mark of the one before it. Replica A has read entry 7, which a
 * primary of MongoDB had and loses when it fails before a second node has it; B writes another 7 at the new primary. A's own
 * 8 names the lost 7, and A finds that out as soon as it reads on: it loads its state again.
 */
export class StoredLedgers implements Ledgers {
  constructor(private readonly collections: LedgerCollections) {}

  async roots(): Promise<readonly string[]> {
    const roots: string[] = [];
    for await (const page of pages(this.collections.roots, { limit: PAGE })) {
      for (const { value } of page) roots.push(value.id);
    }
    return roots;
  }

  async has(root: string): Promise<boolean> {
    return (await this.collections.roots.get(root)) !== undefined;
  }

  async add(root: string): Promise<void> {
    await this.collections.roots.insert([{ id: root }]);
  }

  async append(root: string, entry: Entry, after: string): Promise<string | undefined> {
    const [result] = await this.collections.entries.insert([{ id: sequenceId(root, entry.sequence), after, entry }]);
    return result?.outcome === 'inserted' ? result.revision : undefined;
  }

  async read(root: string, after: number, limit: number): Promise<readonly StoredEntry[]> {
    const where = { id: { after: sequenceId(root, after), upTo: lastId(root) } };
    const { documents } = await this.collections.entries.find({ where, limit });
    return documents.map(({ value: { entry, after: before }, revision }) => ({ entry, mark: revision, after: before }));
  }

  async newestSnapshot(root: string): Promise<StoredSnapshot | undefined> {
    for (;;) {
      const [head] = await this.#heads(root, 1);
      if (head === undefined) return undefined;
      const texts: string[] = [];
      for await (const page of pages(this.collections.pieces, {
        where: { id: { prefix: head.pieces } },
        limit: PIECES,
      })) {
        for (const { value } of page) texts.push(value.text);
      }
      // A replica that has saved two more since has removed it: the newest is another one then.
      if (texts.length < head.count) {
        const [newest] = await this.#heads(root, 1);
        if (newest?.id !== head.id) continue;
        throw new Error(
          `the snapshot ${head.id} of the ledger lacks pieces (${String(texts.length)} of ${String(head.count)})`,
        );
      }
      const items = texts.flatMap((text) => JSON.parse(text) as SnapshotItem[]);
      return { items, sequence: head.sequence, mark: head.mark };
    }
  }

  async newestSnapshotSequence(root: string): Promise<number> {
    return (await this.#heads(root, 1))[0]?.sequence ?? 0;
  }

  async saveSnapshot(
    root: string,
    { sequence, mark }: SnapshotPlace,
    items: readonly SnapshotItem[],
    nowMs: number,
  ): Promise<void> {
    const { snapshots, pieces } = this.collections;
    const id = sequenceId(root, sequence);
    const prefix = `${randomId(id)} `;
    let count = 0;
    for (const text of piecesOf(items)) {
      await pieces.insert([{ id: `${prefix}${String(count).padStart(DIGITS, '0')}`, text }]);
      count += 1;
    }
    // The head makes the snapshot whole: a start that finds the head finds all its pieces.
    const [result] = await snapshots.insert([{ id, root, sequence, mark, pieces: prefix, count, savedMs: nowMs }]);
    if (result?.outcome === 'inserted') await this.#removeBefore(root);
    else await removeAll(pieces, { prefix });
  }

  async trim(root: string, beforeMs: number, signal: AbortSignal): Promise<number> {
    const { entries } = this.collections;
    const newest = await this.newestSnapshotSequence(root);
    const where = { id: { from: sequenceId(root, 0), upTo: sequenceId(root, newest) } };
    let removed = 0;
    for await (const page of pages(entries, { where, limit: PAGE })) {
      const old = page.filter(({ value }) => value.entry.atMs < beforeMs);
      await removeEach(
        entries,
        old.map(({ value }) => value.id),
      );
      removed += old.length;
      if (signal.aborted || old.length < page.length) break;
    }
    return removed;
  }

  async #heads(root: string, limit: number): Promise<readonly SnapshotDocument[]> {
    const where = { id: { from: sequenceId(root, 0), upTo: lastId(root) } };
    const { documents } = await this.collections.snapshots.find({
      where,
      orderBy: { field: 'id', descending: true },
      limit,
    });
    return documents.map(({ value }) => value);
  }

  /** Removes snapshots but the newest ones, heads first, and pieces that no head ever came for. */
  async #removeBefore(root: string): Promise<void> {
    const { snapshots, pieces } = this.collections;
    const oldest = (await this.#heads(root, KEPT)).at(-1);
    if (oldest === undefined) return;
    const range = { from: sequenceId(root, 0), until: oldest.id };
    await removeAll(snapshots, range);
    await removeAll(pieces, range);
  }
}

type IdRange = { readonly from: string; readonly until: string } | { readonly prefix: string };

async function removeAll<T extends Document>(collection: Collection<T>, id: IdRange): Promise<void> {
  for await (const page of pages(collection, { where: { id }, limit: PIECES })) {
    await removeEach(
      collection,
      page.map(({ value }) => value.id),
    );
  }
}

async function removeEach<T extends Document>(collection: Collection<T>, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => collection.remove(id)));
  }
}
