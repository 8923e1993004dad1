import test from 'ava';
import { orderedId } from './ordered-id.js';

test('ids are in the order in which they were made, also within a millisecond and when the clock goes back', (t) => {
  const start = Date.UTC(2026, 0, 1);
  const ids: string[] = [];
  for (const ms of [0, 1, 2, 1000, 999, 1000, 86_400_000]) {
    for (let i = 0; i < 100; i += 1) ids.push(orderedId('al', start + ms));
  }
  t.deepEqual([...ids].sort(), ids);
  t.is(new Set(ids).size, ids.length);
});
