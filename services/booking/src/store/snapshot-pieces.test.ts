import test from 'ava';
import type { SnapshotItem } from '../domain/index.js';
import { piecesOf } from './snapshot-pieces.js';

function items(count: number, text: string): SnapshotItem[] {
  return Array.from({ length: count }, (_, at): SnapshotItem => ({
    kind: 'answer',
    answer: { id: `${text}${String(at)}`, fingerprint: text, done: { id: 'x', bookings: [] }, atMs: at },
  }));
}

test('pieces hold all items in order, and none is larger than it may be', (t) => {
  const given = items(1000, 'é'.repeat(20));
  const pieces = [...piecesOf(given, 4096)];
  t.true(pieces.length > 10);
  for (const piece of pieces) t.true(Buffer.byteLength(piece) <= 4096);
  t.deepEqual(
    pieces.flatMap((piece) => JSON.parse(piece) as SnapshotItem[]),
    given,
  );
});

test('an item that is too large has a piece of its own', (t) => {
  const [small, large] = [items(2, 'x'), items(1, 'y'.repeat(5000))];
  const pieces = [...piecesOf([...small, ...large, ...small], 4096)];
  t.deepEqual(
    pieces.map((piece) => (JSON.parse(piece) as SnapshotItem[]).length),
    [2, 1, 2],
  );
});

test('nothing has no pieces', (t) => {
  t.deepEqual([...piecesOf([])], []);
});
