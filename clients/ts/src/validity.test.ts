import test from 'ava';
import { FakeClock } from './fake-clock.fixture.js';
import { Validity } from './validity.js';

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

test('looking finds that the time is over before a timer does', (t) => {
  const clock = new FakeClock();
  let calls = 0;
  const validity = new Validity(clock, () => calls++);
  validity.set(1000);
  clock.suspend(999);
  validity.look();
  t.is(calls, 0);
  clock.suspend(1);
  validity.look();
  t.is(calls, 1);
});
