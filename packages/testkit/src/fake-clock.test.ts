import test from 'ava';
import { fakeClock } from './fake-clock.js';

test('timers fire in order of their time, each at its own', (t) => {
  const clock = fakeClock(1_000);
  const fired: [string, number][] = [];
  clock.after(20, () => fired.push(['late', clock.monotonic()]));
  clock.after(10, () => {
    fired.push(['early', clock.monotonic()]);
    clock.after(5, () => fired.push(['set while firing', clock.monotonic()]));
  });
  clock.advance(30);
  t.deepEqual(fired, [
    ['early', 10],
    ['set while firing', 15],
    ['late', 20],
  ]);
  t.is(clock.now(), 1_030);
});

test('a cancelled timer does not fire', (t) => {
  const clock = fakeClock();
  const timer = clock.after(10, () => {
    t.fail();
  });
  timer.cancel();
  clock.advance(20);
  t.is(clock.monotonic(), 20);
});

test('a jump moves the wall clock only', (t) => {
  const clock = fakeClock(1_000);
  clock.after(10, () => {
    t.fail();
  });
  clock.jump(-500);
  t.is(clock.now(), 500);
  t.is(clock.monotonic(), 0);
});
