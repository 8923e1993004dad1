import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { closedAfter, requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import { lateStore, lossyStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;

withRedis(
  'a session that was opened only after others had missed it is not used: its streams are attached',
  async (t) => {
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    const clock = systemClock();
    const settings = { sessionTtlMs: 800 };
    const store = closedAfter(t, lateStore(await openRedisEventLogStore({ url: redis.url, clock }), 'openSession'));
    const other = closedAfter(t, await openRedisEventLogStore({ url: redis.url, clock }));
    const a = closedAfter(t, await openTestLab({ store, settings, benches: [bench('b1', 'a')] }));
    const b = closedAfter(t, await openTestLab({ store: other, settings }));
    const [holder, waiter] = [new TestStream(), new TestStream()];
    await b.lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), holder, holder);
    const waiting = a.lab.acquire(request('r2', 'a'), waiter, waiter);
    const seen = () => b.lab.state.requests.get('r2');
    await until(() => seen() !== undefined, { what: 'the other server to see the waiter' });

    // A pause past the end of the session; and then the call that opens the next one takes its time.
    store.late();
    const log = closedAfter(t, await other.open('default'));
    await log.closeSession(seen()?.session ?? '');
    await until(() => seen()?.detachedUntilMs !== undefined, { what: 'the other server to miss the session' });
    await store.arrive();
    await until(() => seen()?.detachedUntilMs === undefined, { what: 'the waiter to be attached again' });
    const alive = await log.aliveSessions([seen()?.session ?? '']);
    t.is(alive.size, 1);

    waiter.hangUp();
    await waiting;
  },
);

withRedis(
  'two servers that are gone, each with a lease that a waiter of the other wants, do not hold up the lab',
  async (t) => {
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    const clock = systemClock();
    const store = closedAfter(t, await openRedisEventLogStore({ url: redis.url, clock }));
    const benches = [bench('b1', 'a'), bench('b2', 'b')];
    // They beat so seldom that they do not notice.
    const gone = { store, settings: { sessionTtlMs: 60_000 }, benches };
    const [a, b] = [closedAfter(t, await openTestLab(gone)), closedAfter(t, await openTestLab(gone))];
    const c = closedAfter(t, await openTestLab({ store, settings: { sessionTtlMs: 800 } }));
    const done: Promise<void>[] = [];
    const ask = async ({ lab }: typeof a, id: string, attribute: string): Promise<void> => {
      const stream = new TestStream();
      done.push(lab.acquire(request(id, attribute), stream, stream).catch(() => undefined));
      await until(() => c.lab.state.requests.has(id) || c.lab.state.leaseOf.has(id), { what: `${id} to be seen` });
    };
    await ask(a, 'r1', 'a');
    await ask(b, 'r2', 'b');
    await ask(a, 'r3', 'b');
    await ask(b, 'r4', 'a');
    const { leases, requests } = c.lab.state;
    t.is(leases.size, 2);

    const log = closedAfter(t, await store.open('default'));
    for (const session of new Set(Array.from(leases.values(), (lease) => lease.session)))
      await log.closeSession(session);
    await until(() => leases.size === 0, { what: 'the leases of both to end' });
    t.deepEqual(
      Array.from(requests.values(), ({ detachedUntilMs }) => detachedUntilMs === undefined),
      [false, false],
    );
  },
);

withRedis('after a loss of the store the session is renewed there before anything is granted on it', async (t) => {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const store = closedAfter(t, lossyStore(await openRedisEventLogStore({ url: redis.url, clock: systemClock() })));
  // It beats so seldom that it does not beat by itself.
  const { lab } = closedAfter(
    t,
    await openTestLab({ store, settings: { sessionTtlMs: 60_000 }, benches: [bench('b1', 'a')] }),
  );
  const holder = new TestStream();
  store.lose();
  const held = lab.acquire(request('r1', 'a'), holder, holder);
  await until(() => holder.lease !== undefined, { what: 'the grant' });
  t.deepEqual(store.calls.slice(0, 3), ['append', 'beat', 'append']);
  holder.hangUp();
  await held;
});
