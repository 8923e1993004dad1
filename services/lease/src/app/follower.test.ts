import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { closedAfter, requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { planSetCondition } from '../domain/index.js';
import { behindStore, lossyStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
const OFFLINE = { state: 'OFFLINE', reason: 'x' } as const;
const withRedis = requireServer(test, 'redis-server') ? test : test.skip;

withRedis(
  'a follower that is behind its own commits, which were lost meanwhile, applies nothing that follows others',
  async (t) => {
    const server = await startRedisServer();
    t.teardown(() => server.stop());
    const open = () => openRedisEventLogStore({ url: server.url, clock: systemClock() });
    const hold = async (
      { lab }: Awaited<ReturnType<typeof openTestLab>>,
      id: string,
      attribute: string,
    ): Promise<void> => {
      const stream = new TestStream();
      await lab.acquire(request(id, attribute, { hold: 'MANUAL' }), stream, stream);
    };
    const store = closedAfter(t, behindStore(await open()));
    const a = closedAfter(t, await openTestLab({ store, benches: [bench('b1', 'a'), bench('b2', 'b')] }));
    const goBack = await server.keep();
    await hold(a, 'lost', 'a');
    t.true(a.lab.state.leaseOf.has('lost'));
    await goBack();
    const b = closedAfter(t, await openTestLab({ store: closedAfter(t, await open()) }));
    await hold(b, 'other', 'b');

    store.goOn();
    await until(() => a.lab.state.leaseOf.has('other'), { what: 'the follower to read on' });
    t.deepEqual([...a.lab.state.leaseOf.keys()], ['other']);
  },
);

withRedis('a stream whose caller came back through another server takes no lease over after a loss', async (t) => {
  // With the lease taken over nobody is told anything: that need not take ava's three minutes.
  t.timeout(20_000);
  const server = await startRedisServer();
  t.teardown(() => server.stop());
  const open = () => openRedisEventLogStore({ url: server.url, clock: systemClock() });
  // It beats so seldom that it does not beat by itself.
  const settings = { sessionTtlMs: 60_000 };
  const behind = behindStore(await open());
  const store = closedAfter(t, lossyStore(behind));
  const a = closedAfter(t, await openTestLab({ store, settings, benches: [bench('b1', 'a')] }));
  t.teardown(() => {
    behind.goOn();
  });
  const b = closedAfter(t, await openTestLab({ store: closedAfter(t, await open()), settings }));
  const [left, back] = [new TestStream(), new TestStream()];
  // Its caller has hung up, which the server cannot read yet.
  const given = t.throwsAsync(a.lab.acquire(request('r1', 'a'), left, left), { message: /went on through another/ });
  await until(() => left.lease !== undefined, { what: 'the lease' });
  const held = b.lab.acquire(request('r1', 'a'), back, back);
  await until(() => back.lease !== undefined, { what: 'the lease through the other server' });
  const { session } = b.lab.state.leaseOf.get('r1') ?? t.fail();

  store.lose();
  const nothing = { requestId: '', fingerprint: '', plan: () => undefined };
  await a.lab.run({ ...nothing, plan: (draft) => planSetCondition(draft, 'b1', '', OFFLINE, operator) });
  await given;
  await b.lab.run(nothing);
  t.is(b.lab.state.leaseOf.get('r1')?.session, session);
  t.is(back.endedBy, undefined);
  back.hangUp();
  await held;
});
