import { BerthError } from '@berth/kernel';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { callEcho, failure } from '../calls/echo-client.fixture.js';
import { serveEcho, word } from '../calls/echo-service.fixture.js';
import type { Caller } from '../identity/caller.js';
import { ANYBODY } from '../identity/caller.js';
import { CallLimit } from './call-limit.js';

function named(name: string): Caller {
  return { name, role: 'user', via: 'token' };
}

test('a caller makes so many calls a second, and as many at once; others are not in its way', (t) => {
  const clock = fakeClock();
  const limit = new CallLimit(3, clock);
  for (let i = 0; i < 3; i++) limit.check(named('ann'));
  const error = t.throws(() => limit.check(named('ann')), { instanceOf: BerthError });
  t.is(error.reason, 'RATE_LIMITED');
  t.is(error.details.retryAfterMs, 334);
  t.is(error.details.quota?.[0]?.subject, 'ann');
  limit.check(named('bob'));
  clock.advance(334);
  limit.check(named('ann'));
  t.throws(() => limit.check(named('ann')), { message: /more than 3 calls a second/ });
  clock.advance(60_000);
  for (let i = 0; i < 3; i++) limit.check(named('ann'));
  t.throws(() => limit.check(named('ann')), { instanceOf: BerthError });
});

test('less than one a second is one, and then a pause', (t) => {
  const clock = fakeClock();
  const limit = new CallLimit(0.5, clock);
  limit.check(named('ann'));
  const error = t.throws(() => limit.check(named('ann')), { instanceOf: BerthError });
  t.is(error.details.retryAfterMs, 2000);
  clock.advance(2000);
  t.notThrows(() => limit.check(named('ann')));
});

test('parts of this process, services that speak for people and those who show nothing are not limited', (t) => {
  const limit = new CallLimit(1, fakeClock());
  const process: Caller = { name: 'berth-pool', role: 'operator', via: 'process' };
  for (let i = 0; i < 5; i++) {
    limit.check(process);
    limit.check(ANYBODY);
  }
  const ann: Caller = { ...named('ann'), by: 'gateway' };
  for (let i = 0; i < 5; i++) t.notThrows(() => limit.check(ann));
});

test('twenty thousand names take no more room than ten thousand, and one that is over its limit stays over it', (t) => {
  const clock = fakeClock();
  const limit = new CallLimit(2, clock);
  for (let i = 0; i < 20_000; i++) {
    limit.check(named(`name-${String(i)}`));
    if (i % 1000 === 0) {
      clock.advance(600);
      limit.check(named('ann'));
      t.notThrows(() => limit.check(named('ann')), String(i));
      t.throws(() => limit.check(named('ann')), { instanceOf: BerthError });
      clock.advance(400);
    }
    t.true(limit.size <= 10_000);
  }
});

test('a call over the limit is RESOURCE_EXHAUSTED with the time to wait, and health is asked without limit', async (t) => {
  const clock = fakeClock();
  const { client } = await serveEcho(t, {}, { limit: new CallLimit(2, clock) });
  for (let i = 0; i < 2; i++) await callEcho(client, word('ok'));
  const refused = await failure(callEcho(client, word('ok')));
  t.deepEqual(
    [refused.code, refused.info?.reason, refused.retry],
    [8, 'RATE_LIMITED', { seconds: 0, nanos: 500_000_000 }],
  );
  await callEcho(client, word('ok'), { metadata: { 'berth-user': 'bob' } });
  clock.advance(500);
  t.is((await callEcho(client, word('ok'))).reason, 'ok');
});
