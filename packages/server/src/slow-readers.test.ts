import type { Clock } from '@berth/kernel';
import test from 'ava';
import { SlowReaders } from './slow-readers.js';

class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): { cancel(): void } {
    const timer = { at: this.#now + ms, fire };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  get timers(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.fire();
    }
    this.#now = end;
  }
}

function reader() {
  return {
    flushed: 0,
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
  const clock = new ManualClock();
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
  const clock = new ManualClock();
  const slow = new SlowReaders(clock, 20_000);
  const steady = reader();
  slow.watch(steady);
  for (let i = 0; i < 10; i++) {
    clock.advance(15_000);
    steady.flushed += 1;
  }
  t.deepEqual(steady.done, []);
});

test('no timer runs when nobody is watched', (t) => {
  const clock = new ManualClock();
  const slow = new SlowReaders(clock, 20_000);
  const quick = reader();
  t.is(clock.timers, 0);
  slow.watch(quick);
  t.is(clock.timers, 1);
  slow.forget(quick);
  clock.advance(5000);
  t.is(clock.timers, 0);
});
