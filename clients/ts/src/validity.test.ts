import test from 'ava';
import type { ClientClock } from './clock.js';
import { Validity } from './validity.js';

/** A clock that tests move; `sleepTo` moves the time without the timers, as a suspended machine does. */
class FakeClock implements ClientClock {
  #now = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  suspend(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }
}

test('calls back once when the time is over, and not before', (t) => {
  const clock = new FakeClock();
  let calls = 0;
  const validity = new Validity(clock, () => calls++);
  validity.set(60_000);
  clock.advance(59_999);
  t.is(calls, 0);
  clock.advance(1);
  clock.advance(100_000);
  t.is(calls, 1);
});

test('a later end replaces the earlier one, and stopping ends it', (t) => {
  const clock = new FakeClock();
  let calls = 0;
  const validity = new Validity(clock, () => calls++);
  validity.set(1000);
  validity.set(30 * 86_400_000);
  clock.advance(86_400_000);
  t.is(calls, 0);
  validity.stop();
  clock.advance(60 * 86_400_000);
  t.is(calls, 0);
});

test('time that a machine slept is noticed within 5 s of waking', (t) => {
  const clock = new FakeClock();
  let calls = 0;
  const validity = new Validity(clock, () => calls++);
  validity.set(3_600_000);
  clock.advance(1000);
  clock.suspend(7_200_000);
  t.is(calls, 0);
  clock.advance(5000);
  t.is(calls, 1);
});
