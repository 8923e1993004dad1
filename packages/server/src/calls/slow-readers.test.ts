import { fakeClock } from '@berth/testkit';
import test from 'ava';
import type { Watch } from './slow-readers.js';
import { SlowReaders } from './slow-readers.js';

function reader() {
  return {
    flushed: 0,
    watch: undefined as Watch | undefined,
    done: [] as string[],
    cut() {
      this.done.push('cut');
    },
    reset() {
      this.done.push('reset');
    },
  };
}

test('a reader that takes nothing is cut after the limit and dropped a quarter later', (t) => {
  const clock = fakeClock();
  const slow = new SlowReaders(clock, 20_000);
  const stuck = reader();
  slow.watch(stuck);
  clock.advance(19_999);
  t.deepEqual(stuck.done, []);
  clock.advance(1);
  t.deepEqual(stuck.done, ['cut']);
  clock.advance(5000);
  t.deepEqual(stuck.done, ['cut', 'reset']);
  clock.advance(60_000);
  t.deepEqual(stuck.done, ['cut', 'reset']);
});

test('a reader that takes a message now and then stays', (t) => {
  const clock = fakeClock();
  const slow = new SlowReaders(clock, 20_000);
  const steady = reader();
  slow.watch(steady);
  for (let i = 0; i < 10; i++) {
    clock.advance(15_000);
    steady.flushed += 1;
  }
  t.deepEqual(steady.done, []);
});

test('a reader that took everything is left alone', (t) => {
  const clock = fakeClock();
  const slow = new SlowReaders(clock, 20_000);
  const quick = reader();
  slow.watch(quick);
  slow.forget(quick);
  clock.advance(60_000);
  t.deepEqual(quick.done, []);
  slow.watch(quick);
  clock.advance(20_000);
  t.deepEqual(quick.done, ['cut']);
});

test('a stream that is over is let go of at once', (t) => {
  const clock = fakeClock();
  const slow = new SlowReaders(clock, 20_000);
  const gone = reader();
  slow.watch(gone);
  slow.drop(gone);
  t.is(gone.watch, undefined);
  clock.advance(60_000);
  t.deepEqual(gone.done, []);
});
