import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { batches } from './batches.js';

/** A source that a test feeds. */
class Feed<T> implements AsyncIterable<T> {
  readonly #items: IteratorResult<T, undefined>[] = [];
  #wake: (() => void) | undefined;

  push(...values: T[]): void {
    for (const value of values) this.#items.push({ done: false, value });
    this.#wake?.();
  }

  end(): void {
    this.#items.push({ done: true, value: undefined });
    this.#wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => {
        while (this.#items.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        return this.#items.shift()!;
      },
    };
  }
}

const NEVER = new AbortController().signal;

test('what is there at once comes as one batch, up to the limit', async (t) => {
  const feed = new Feed<number>();
  feed.push(1, 2, 3, 4, 5);
  const taken = batches(feed, 3, NEVER);
  t.deepEqual((await taken.next()).value, [1, 2, 3]);
  t.deepEqual((await taken.next()).value, [4, 5]);
  feed.push(6);
  t.deepEqual((await taken.next()).value, [6]);
  feed.push(7);
  feed.end();
  t.deepEqual((await taken.next()).value, [7]);
  t.true((await taken.next()).done);
});

test('a stop ends the wait with its reason', async (t) => {
  const stop = new AbortController();
  const taken = batches(new Feed<number>(), 3, stop.signal).next();
  stop.abort(new Error('enough'));
  await t.throwsAsync(taken, { message: 'enough' });
});

test('an error of the source comes through', async (t) => {
  const broken = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')) }),
  };
  await t.throwsAsync(batches<number>(broken, 3, NEVER).next(), { message: 'broken' });
});

test('a stream keeps nothing of the batches that it had', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const feed = new Feed<number>();
  const stop = new AbortController();
  const taken = batches(feed, 3, stop.signal);
  const run = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      feed.push(i);
      await taken.next();
    }
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = await run(1000);
  const after = await run(50_000);
  t.log(`${((after - before) / 50_000).toFixed(0)} bytes a batch`);
  // 17 MB, when each batch left 345 bytes behind.
  t.true(after - before < 5_000_000);
  t.true(getEventListeners(stop.signal, 'abort').length <= 1);
});
