import { requireServer, startRedisServer, until } from '@berth/testkit';
import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import test from 'ava';
import type { Draft } from '../domain/index.js';
import { planRelease } from '../domain/index.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;
const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };

withRedis(
  'two replicas on one Redis are one lab: a bench freed on one is granted to a waiter on the other',
  async (t) => {
    const redis = await startRedisServer();
    const clock = systemClock();
    const stores = await Promise.all([0, 1].map(() => openRedisEventLogStore({ url: redis.url, clock })));
    const [storeA, storeB] = stores;
    if (storeA === undefined || storeB === undefined) throw new Error('unreachable');
    const a = await openTestLab({ store: storeA, benches: [bench('b1', 'a')] });
    const b = await openTestLab({ store: storeB });
    const [holder, waiter] = [new TestStream(), new TestStream()];
    const held = a.lab.acquire(request('r1', 'a'), holder, holder);
    await until(() => holder.lease !== undefined, { what: 'the first to hold' });
    const waiting = b.lab.acquire(request('r2', 'a'), waiter, waiter);
    await until(() => waiter.positions.length > 0, { what: 'the second to wait' });
    t.is(waiter.views[0]?.shared.candidates[0]?.bench.lease?.owner, 'r1');
    await until(() => a.lab.state.requests.has('r2'), { what: 'the first replica to see the waiter' });
    holder.hangUp();
    await held;
    await until(() => waiter.lease !== undefined, { what: 'the second to hold' });
    t.true((waiter.lease?.token ?? 0) > (holder.lease?.token ?? Infinity));
    waiter.hangUp();
    await waiting;
    await a.close();
    await b.close();
    await Promise.all(stores.map((store) => store.close()));
    await redis.stop();
  },
);

withRedis('replicas that grant at the same time never give one bench to two', async (t) => {
  const redis = await startRedisServer();
  const clock = systemClock();
  const stores = await Promise.all([0, 1, 2].map(() => openRedisEventLogStore({ url: redis.url, clock })));
  const benches = ['b1', 'b2', 'b3'].map((name) => bench(name, 'a'));
  const labs: Awaited<ReturnType<typeof openTestLab>>[] = [];
  for (const store of stores) labs.push(await openTestLab({ store, benches }));
  const holders = new Map<string, string>();
  const tokens = new Map<string, number>();
  const rounds = Array.from({ length: 60 }, async (_, i) => {
    const lab = labs[i % labs.length]?.lab;
    if (lab === undefined) throw new Error('unreachable');
    const stream = new TestStream();
    await lab.acquire(request(`r${String(i)}`, 'a', { hold: 'MANUAL' }), stream, stream);
    const lease = stream.lease ?? t.fail();
    const name = lease.benches[0]?.spec.name ?? '';
    t.is(holders.get(name), undefined, `${name} has one holder`);
    t.true(lease.token > (tokens.get(name) ?? 0), 'tokens of a bench rise');
    holders.set(name, lease.id);
    tokens.set(name, lease.token);
    // Freed for the others before the release is sent: nobody may have it earlier.
    holders.delete(name);
    await lab.run({ requestId: '', fingerprint: '', plan: (draft) => planRelease(draft, lease.id, operator) });
  });
  await Promise.all(rounds);
  t.is(tokens.size, 3);
  for (const { close } of labs) await close();
  await Promise.all(stores.map((store) => store.close()));
  await redis.stop();
});

withRedis(
  'a replica that dies loses its connection leases, and its waiters keep their places for a while',
  async (t) => {
    const redis = await startRedisServer();
    const clock = systemClock();
    const stores = await Promise.all([0, 1].map(() => openRedisEventLogStore({ url: redis.url, clock })));
    const [storeA, storeB] = stores;
    if (storeA === undefined || storeB === undefined) throw new Error('unreachable');
    const settings = { sessionTtlMs: 500 };
    // Its timers must not keep this process alive: nobody closes it.
    const a = await openTestLab({ store: storeA, clock: systemClock(false), benches: [bench('b1', 'a')], settings });
    const [holder, waiter, other] = [new TestStream(), new TestStream(), new TestStream()];
    a.lab.acquire(request('r1', 'a'), holder, holder).catch(() => undefined);
    a.lab.acquire(request('r2', 'a'), waiter, waiter).catch(() => undefined);
    await until(() => waiter.positions.length > 0, { what: 'r2 to wait' });
    const b = await openTestLab({ store: storeB, settings });
    const third = b.lab.acquire(request('r3', 'a'), other, other);
    // As if the first process had been killed: it does not speak to the store any more.
    await storeA.close();
    await until(() => !b.lab.state.leaseOf.has('r1'), { what: 'the dead replica’s lease to end' });
    t.deepEqual(
      [...b.lab.state.queue].map((one) => one.spec.requestId),
      ['r2', 'r3'],
    );
    t.is(other.lease, undefined, 'r2 may come back, and is not overtaken meanwhile');
    const back = new TestStream();
    const second = b.lab.acquire(request('r2', 'a'), back, back);
    await until(() => back.lease !== undefined, { what: 'r2 to be granted' });
    back.hangUp();
    await second;
    await until(() => other.lease !== undefined, { what: 'r3 to be granted' });
    other.hangUp();
    await third;
    await b.close();
    await storeB.close();
    await redis.stop();
  },
);

withRedis('a release through a replica that has not seen the grant yet ends the lease all the same', async (t) => {
  const redis = await startRedisServer();
  const clock = systemClock();
  const stores = await Promise.all([0, 1].map(() => openRedisEventLogStore({ url: redis.url, clock })));
  const [storeA, storeB] = stores;
  if (storeA === undefined || storeB === undefined) throw new Error('unreachable');
  const a = await openTestLab({ store: storeA, benches: [bench('b1', 'a')] });
  const b = await openTestLab({ store: storeB });
  for (let i = 0; i < 50; i++) {
    const stream = new TestStream();
    await a.lab.acquire(request(`r${String(i)}`, 'a', { hold: 'MANUAL' }), stream, stream);
    const id = stream.lease?.id ?? t.fail();
    // At once: the follower of the other replica is late more often than not.
    const plan = (draft: Draft) => planRelease(draft, id, operator);
    t.true(await b.lab.run({ requestId: '', fingerprint: '', plan }));
  }
  await a.close();
  await b.close();
  await Promise.all(stores.map((store) => store.close()));
  await redis.stop();
});
