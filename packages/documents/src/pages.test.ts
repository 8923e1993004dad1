import test from 'ava';
import { openCounters } from './counters.fixture.js';
import { inChunks } from './in-chunks.js';
import { pages } from './pages.js';

test('pages give each document once, also when one that was read is gone', async (t) => {
  const ids = Array.from({ length: 7 }, (_, i) => `c${String(i)}`);
  const { counters } = await openCounters(t, ids);
  const seen: string[][] = [];
  for await (const page of pages(counters, { limit: 3 })) {
    seen.push(page.map(({ value }) => value.id));
    await counters.remove(page[0]?.value.id ?? '');
  }
  t.deepEqual(seen, [['c0', 'c1', 'c2'], ['c3', 'c4', 'c5'], ['c6']]);
  for await (const page of pages(counters, { where: { updateMs: -1 }, limit: 3 })) t.fail(`a page of ${page.length}`);
});

test('a list is cut into chunks without repeats', (t) => {
  const values = Array.from({ length: 1200 }, (_, i) => `v${String(i % 700)}`);
  t.deepEqual(
    [...inChunks(values)].map(({ length }) => length),
    [500, 200],
  );
  t.deepEqual([...inChunks([])], []);
});
