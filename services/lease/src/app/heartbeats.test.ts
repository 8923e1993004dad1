import { openSqliteEventLogStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { lateStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

test('a holder whose server has a new session hears nothing until its lease hangs on that', async (t) => {
  const clock = fakeClock();
  const store = lateStore(await openSqliteEventLogStore({ dir: ':memory:', clock }), 'append');
  const { lab, close } = await openTestLab({ store, clock, benches: [bench('b1', 'a')] });
  t.teardown(async () => {
    await close();
    await store.close();
  });
  const holder = new TestStream();
  const held = lab.acquire(request('r1', 'a'), holder, holder);
  await until(() => holder.lease !== undefined, { what: 'the lease' });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
  };
  await pass(4_000);
  t.is(holder.heartbeats, 1);

  const log = await store.open('default');
  const former = lab.state.leaseOf.get('r1')?.session ?? t.fail();
  await log.closeSession(former);
  store.late();
  await pass(4_000);
  await store.underWay();
  const heard = holder.heartbeats;
  await pass(10_000);
  t.is(holder.heartbeats, heard);
  store.onTime();
  await pass(5_000);
  t.not(lab.state.leaseOf.get('r1')?.session, former);
  t.true(holder.heartbeats > heard);
  holder.hangUp();
  await held;
});
