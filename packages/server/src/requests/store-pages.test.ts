import { BerthError } from '@berth/kernel';
import test from 'ava';
import { MAX_ANSWER_BYTES } from './paging.js';
import { storePage } from './store-pages.js';

/** Pages of the numbers below `count`, of `bytes` each, and how much each read took. */
function listOf(count: number, bytes = 1, mostReads?: number) {
  const reads: number[] = [];
  const page = (pageSize: number, pageToken = '', scope: unknown = 'x') =>
    storePage(
      { pageSize, pageToken },
      {
        read: (limit, after) => {
          reads.push(limit);
          const first = after === undefined ? 0 : Number(after) + 1;
          const end = Math.min(count, first + limit);
          const documents = Array.from({ length: end - first }, (_, i) => first + i);
          return Promise.resolve({ documents, next: end < count ? String(end - 1) : undefined });
        },
        message: (one) => one,
        bytes: () => bytes,
        scope,
        ...(mostReads !== undefined && { mostReads }),
      },
    );
  return { page, reads };
}

test('pages of a store follow each other without gap or repeat', async (t) => {
  const { page } = listOf(5);
  const first = await page(2);
  t.deepEqual(first.messages, [0, 1]);
  const second = await page(3, first.nextPageToken);
  t.deepEqual(second, { messages: [2, 3, 4], nextPageToken: '' });
});

test('a large page is read in a few parts, and ends before it gets too large', async (t) => {
  const { page, reads } = listOf(2000, 10_000);
  const { messages, nextPageToken } = await page(1000);
  const most = Math.floor(MAX_ANSWER_BYTES / 10_000);
  t.true(messages.length > most - 10 && messages.length <= most);
  t.true(reads.length <= 4);
  t.is((await page(1000, nextPageToken)).messages[0], messages.length);
});

test('a thing that alone is too large is a page of its own', async (t) => {
  const { page } = listOf(3, MAX_ANSWER_BYTES + 1);
  const first = await page(10);
  t.deepEqual(first.messages, [0]);
  t.deepEqual((await page(10, first.nextPageToken)).messages, [1]);
});

test('a page ends after so many reads, and the next one goes on there', async (t) => {
  const { page, reads } = listOf(500, 1, 1);
  const { messages, nextPageToken } = await page(100);
  t.is(messages.length, 40);
  t.deepEqual(reads, [40]);
  t.is((await page(100, nextPageToken)).messages[0], 40);
});

test('a token of another list is refused', async (t) => {
  const { page } = listOf(2);
  const { nextPageToken } = await page(1);
  const error = await t.throwsAsync(page(1, nextPageToken, 'y'), { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_PAGE_TOKEN');
});
