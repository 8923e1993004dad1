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
