import { once } from 'node:events';
import { LINGER_MS } from '@berth/server';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { openCount } from './echo-calls.fixture.js';
import { addressOf, startProxy, startRole, stayOpen } from './proxy.fixture.js';

test('a client that is cut by its own ping while the gateway stops is on its way: its role learns of it a moment later', async (t) => {
  const role = await startRole(t, { count: stayOpen });
  const clock = fakeClock();
  let lingering = 0;
  const counting: typeof clock = {
    ...clock,
    after(ms, fire) {
      if (ms === LINGER_MS) lingering += 1;
      return clock.after(ms, fire);
    },
  };
  const { proxy, connect } = await startProxy(t, [addressOf(role)], { options: { clock: counting } });
  const stream = openCount(connect({ 'grpc.keepalive_time_ms': 200 }), 1);
  await once(stream, 'data');
  proxy.refuseCalls();
  await once(stream, 'error');
  await until(() => lingering === 2, { what: 'the gateway to see that connection and stream are gone' });
  clock.advance(LINGER_MS - 1);
  t.deepEqual([role.openCalls, proxy.openCalls], [1, 1]);
  clock.advance(1);
  await until(() => role.openCalls === 0, { what: 'the role to learn of it' });
  t.deepEqual([role.openCalls, proxy.openCalls], [0, 0]);
});
