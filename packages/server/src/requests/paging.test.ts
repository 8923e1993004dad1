import { BerthError } from '@berth/kernel';
import { AllocationResult } from '@berth/proto/berth/tracker/v1/allocation_service';
import test from 'ava';
import fc from 'fast-check';
import { fitAll, MAX_ANSWER_BYTES, mostBytes, pageOf, partsOf } from './paging.js';

function page(
  items: readonly number[],
  pageSize: number,
  pageToken: string,
  scope: unknown = 'x',
  bytes = 1,
): ReturnType<typeof pageOf<number, number>> {
  return pageOf(
    { pageSize, pageToken },
    {
      items,
      keyOf: String,
      isAfter: (item, key) => item > Number(key),
      message: (item) => item,
      bytes: () => bytes,
      scope,
    },
  );
}

test('pages follow each other without gap or repeat, also when items come and go', (t) => {
  const first = page([1, 2, 3, 4, 5], 2, '');
  t.deepEqual(first.messages, [1, 2]);
  const second = page([1, 3, 4, 5], 2, first.nextPageToken);
  t.deepEqual(second.messages, [3, 4]);
  const last = page([1, 3, 5], 2, second.nextPageToken);
  t.deepEqual(last, { messages: [5], nextPageToken: '' });
});

test('a page that is exactly full is the last one', (t) => {
  t.is(page([1, 2], 2, '').nextPageToken, '');
});

test('a page is cut before it gets too large for a client', (t) => {
  t.deepEqual(page([1, 2, 3, 4], 10, '', 'x', 1 << 20).messages, [1, 2]);
  t.deepEqual(page([1, 2, 3], 10, '', 'x', 3 << 19).messages, [1], 'not after it was too large');
  t.deepEqual(page([1, 2, 3], 10, '', 'x', 3 << 20).messages, [1], 'one goes in any case');
});

test('a token of another list is refused', (t) => {
  const { nextPageToken } = page([1, 2], 1, '', 'one');
  const error = t.throws(() => page([1, 2], 1, nextPageToken, 'other'), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_PAGE_TOKEN');
});

test('what cannot be told in pages is whole while there is room, then short, and never too large', (t) => {
  const text = (size: number): string => 'x'.repeat(size);
  const fit = { whole: text, short: () => text(50), shortBytes: 100, bytes: ({ length }: string) => length };
  const lengths = (messages: readonly string[]): number[] => messages.map(({ length }) => length);
  t.deepEqual(
    lengths(fitAll([900_000, 100, 900_000, 900_000, 100, 900_000], fit)),
    [900_000, 100, 900_000, 50, 100, 50],
  );
  t.deepEqual(lengths(fitAll([900_000, 100, 900_000], fit)), [900_000, 100, 900_000]);
  const sizes = Array.from({ length: 10_000 }, () => 300);
  const most = lengths(fitAll(sizes, { ...fit, shortBytes: 205 }));
  t.true(most.includes(300) && most.includes(50));
  t.true(most.reduce((sum, size) => sum + size) <= MAX_ANSWER_BYTES);
});

test('no message takes more bytes than it is said to take at most', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const map = fc.dictionary(text, text, { maxKeys: 5 });
  const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') });
  const history = fc.record({ state: fc.nat(5), time, actor: fc.constant({}), reason: text });
  const allocation = fc.record(
    { id: text, labels: map, attributes: map, deadline: time, flags: fc.array(fc.nat(3)), history: fc.array(history) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(allocation, fc.boolean(), (value, shortened) => {
      const message = AllocationResult.fromPartial({ result: { $case: 'allocation', value }, shortened });
      t.true(AllocationResult.encode(message).finish().length <= mostBytes(message));
    }),
  );
});

test('a list is cut into parts that are not too large, unless one thing alone is', (t) => {
  const sizes = [1_000_000, 1_000_000, 1_000_000, 3_000_000, 1];
  t.deepEqual([...partsOf(sizes, (size) => size)], [[1_000_000, 1_000_000], [1_000_000], [3_000_000], [1]]);
  t.deepEqual([...partsOf([], () => 1)], []);
});
