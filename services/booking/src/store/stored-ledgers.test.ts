import { onEachEngine } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openStore } from '../app/bookings.fixture.js';
import type { Entry, SnapshotItem } from '../domain/index.js';
import type { LedgerCollections } from './stored-ledgers.js';
import { openLedgerCollections } from './open-collections.js';
import { StoredLedgers } from './stored-ledgers.js';

const ROOT = 'default';
const HOUR_MS = 3_600_000;

interface Scene {
  readonly ledgers: StoredLedgers;
  readonly collections: LedgerCollections;
}

async function open(t: ExecutionContext, engine: DocumentEngine): Promise<Scene> {
  const collections = await openLedgerCollections(await openStore(t, engine));
  return { collections, ledgers: new StoredLedgers(collections) };
}

function entryAt(sequence: number, atMs = sequence): Entry {
  return { sequence, atMs, changes: [], notices: [], answers: [] };
}

/** Appends entries 1 to `count`, an hour apart; answers their marks. */
async function fill(ledgers: StoredLedgers, count: number, root = ROOT): Promise<readonly string[]> {
  const marks: string[] = [];
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const mark = await ledgers.append(root, entryAt(sequence, sequence * HOUR_MS), marks.at(-1) ?? '');
    marks.push(mark ?? 'refused');
  }
  return marks;
}

function snapshotItems(count: number): SnapshotItem[] {
  return Array.from({ length: count }, (_, at): SnapshotItem => ({
    kind: 'answer',
    answer: { id: String(at), fingerprint: 'x'.repeat(1000), done: { id: 'x', bookings: [] }, atMs: at },
  }));
}

const signal = new AbortController().signal;

onEachEngine(test, (engine, title) => {
  test(title('of many appends at one place one is taken'), async (t) => {
    const { ledgers } = await open(t, engine);
    const marks = await Promise.all(Array.from({ length: 20 }, (_, at) => ledgers.append(ROOT, entryAt(1, at), '')));
    const [taken, ...others] = marks.filter((mark) => mark !== undefined);
    t.deepEqual(others, []);
    const [stored, ...more] = await ledgers.read(ROOT, 0, 10);
    t.deepEqual(more, []);
    t.is(stored?.mark, taken);
    t.is(stored?.entry.atMs, marks.indexOf(taken));
  });

  test(title('entries are read in order, each ledger for itself, from any place'), async (t) => {
    const { ledgers } = await open(t, engine);
    const marks = await fill(ledgers, 12);
    await fill(ledgers, 3, 'default-2');
    await fill(ledgers, 2, 'lab/default');
    const all = await ledgers.read(ROOT, 0, 100);
    t.deepEqual(
      all.map(({ entry }) => entry.sequence),
      Array.from({ length: 12 }, (_, at) => at + 1),
    );
    t.deepEqual(
      all.map(({ after }) => after),
      ['', ...marks.slice(0, -1)],
    );
    const page = await ledgers.read(ROOT, 8, 3);
    t.deepEqual(
      page.map(({ entry }) => entry.sequence),
      [9, 10, 11],
    );
    t.is((await ledgers.read('default-2', 0, 100)).length, 3);
  });

  test(title('a root is there once it is added, for everybody'), async (t) => {
    const { ledgers, collections } = await open(t, engine);
    t.false(await ledgers.has('os'));
    await ledgers.add('os');
    await ledgers.add('os');
    t.true(await new StoredLedgers(collections).has('os'));
    t.deepEqual(await ledgers.roots(), ['os']);
  });

  test(title('the newest snapshot is read whole, in pieces of at most 1 MiB'), async (t) => {
    const { ledgers, collections } = await open(t, engine);
    t.is(await ledgers.newestSnapshot(ROOT), undefined);
    const items = snapshotItems(3000);
    await ledgers.saveSnapshot(ROOT, { sequence: 5, mark: 'five' }, items.slice(0, 10), 1);
    await ledgers.saveSnapshot(ROOT, { sequence: 9, mark: 'nine' }, items, 2);
    const snapshot = await ledgers.newestSnapshot(ROOT);
    t.deepEqual([snapshot?.sequence, snapshot?.mark], [9, 'nine']);
    t.deepEqual(snapshot?.items, items);
    t.is(await ledgers.newestSnapshotSequence(ROOT), 9);
    const { documents } = await collections.pieces.find({ limit: 100 });
    t.true(documents.length >= 4);
    for (const { value } of documents) t.true(Buffer.byteLength(value.text) <= 1 << 20);
  });

  test(title('of two snapshots of one place one stays, and nothing of the other'), async (t) => {
    const { ledgers, collections } = await open(t, engine);
    const items = snapshotItems(5);
    const place = { sequence: 5, mark: 'five' };
    await Promise.all([1, 2, 3].map((nowMs) => ledgers.saveSnapshot(ROOT, place, items, nowMs)));
    t.is(await collections.snapshots.count(), 1);
    t.is(await collections.pieces.count(), 1);
    t.deepEqual((await ledgers.newestSnapshot(ROOT))?.items, items);
  });

  test(title('older snapshots go, with pieces that no head ever came for'), async (t) => {
    const { ledgers, collections } = await open(t, engine);
    await collections.pieces.insert([{ id: 'default 000000000001-dead 000000', text: '[]' }]);
    for (const sequence of [2, 4, 6, 8]) {
      await ledgers.saveSnapshot(ROOT, { sequence, mark: String(sequence) }, snapshotItems(3), sequence);
    }
    await ledgers.saveSnapshot('os', { sequence: 2, mark: 'x' }, snapshotItems(3), 1);
    const { documents } = await collections.snapshots.find({ limit: 10 });
    t.deepEqual(
      documents.map(({ value }) => [value.root, value.sequence]),
      [
        ['default', 6],
        ['default', 8],
        ['os', 2],
      ],
    );
    t.is(await collections.pieces.count(), 3);
  });

  test(title('entries go when a snapshot has them and they are old; others stay'), async (t) => {
    const { ledgers } = await open(t, engine);
    await fill(ledgers, 10);
    t.is(await ledgers.trim(ROOT, 100 * HOUR_MS, signal), 0, 'there is no snapshot');
    await ledgers.saveSnapshot(ROOT, { sequence: 6, mark: 'six' }, [], 0);
    t.is(await ledgers.trim(ROOT, 4 * HOUR_MS, signal), 3, 'those of hours 1 to 3');
    t.is(await ledgers.trim(ROOT, 100 * HOUR_MS, signal), 3, 'up to the snapshot');
    const left = await ledgers.read(ROOT, 0, 100);
    t.deepEqual(
      left.map(({ entry }) => entry.sequence),
      [7, 8, 9, 10],
    );
  });
});
