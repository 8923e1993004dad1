import test from 'ava';
import { steadyClock, systemClock } from './clock.js';

test('a span that Node would fire at once is waited for', async (t) => {
  const clock = systemClock();
  let fired = false;
  const long = clock.after(2 ** 31 + 1000, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => {
    clock.after(5, resolve);
  });
  t.false(fired);
  long.cancel();
  long.cancel();
});

test('the steady clock tells wall time, and follows no jump of it', (t) => {
  const real = Date.now;
  const clock = steadyClock();
  t.true(Math.abs(clock.now() - real()) < 1000);
  t.teardown(() => {
    Date.now = real;
  });
  Date.now = () => real() + 3_600_000;
  t.true(Math.abs(clock.now() - real()) < 1000);
});
