import { BerthError } from '@berth/kernel';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { HangUps } from './hang-ups.js';
import { resetLimitFor } from './reset-limit.js';

test('new streams of a connection are refused while it is over its limit, and those of another are not', (t) => {
  const clock = fakeClock();
  const hangUps = new HangUps(clock, { burst: 10, perSecond: 2 });
  const [one, other] = [{}, {}];
  for (let count = 0; count < 9; count++) hangUps.count(one);
  t.notThrows(() => {
    hangUps.check(one);
  });
  hangUps.count(one);
  const error = t.throws(
    () => {
      hangUps.check(one);
    },
    { instanceOf: BerthError },
  );
  t.is(error.reason, 'TOO_MANY_HANG_UPS');
  t.is(error.details.retryAfterMs, 500);
  t.notThrows(() => {
    hangUps.check(other);
  });
  clock.advance(500);
  t.notThrows(() => {
    hangUps.check(one);
  });
});

test('hang-ups that come no faster than the limit are never refused', (t) => {
  const clock = fakeClock();
  const hangUps = new HangUps(clock, { burst: 3, perSecond: 10 });
  const connection = {};
  for (let count = 0; count < 100; count++) {
    hangUps.check(connection);
    hangUps.count(connection);
    clock.advance(100);
  }
  t.pass();
});

test('Node is told of more resets than are answered with an error, where it can be told', (t) => {
  for (const version of ['22.10.0', '22.22.3', '23.0.0', '24.21.0', '26.1.0']) {
    const { limit, options } = resetLimitFor(version);
    t.true((options.streamResetBurst ?? 0) > limit.burst, version);
    t.true((options.streamResetRate ?? 0) > limit.perSecond, version);
  }
  for (const version of ['20.19.0', '22.9.0']) {
    const { limit, options } = resetLimitFor(version);
    t.deepEqual(options, {});
    t.true(limit.burst < 1000 && limit.perSecond < 33, version);
  }
});
