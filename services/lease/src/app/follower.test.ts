import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { closedAfter, requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { behindStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

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
