import { BerthError, SYSTEM, systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import type { RedisServer } from '@berth/testkit';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { planApplyInventory, planFinishCleaning } from '../domain/index.js';
import { bench, openTestLab, putBenches, request, TestStream } from './lab.fixture.js';
import type { OpenLab } from './open-lab.js';

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;

interface Setup {
  readonly redis: RedisServer;
  readonly lab: OpenLab;
  /** What the next attempt to fill the lab waits for. */
  readonly seedWith: (attempt: () => Promise<void>) => void;
  readonly seeds: () => number;
  /** Goes to the store and back. */
  readonly ping: () => Promise<void>;
}

async function setUp(t: ExecutionContext): Promise<Setup> {
  const redis = await startRedisServer();
  const store = await openRedisEventLogStore({ url: redis.url, clock: systemClock() });
  let attempt = (): Promise<void> => Promise.resolve();
  let seeds = 0;
  const { lab, close } = await openTestLab({
    store,
    seed: async (empty) => {
      seeds++;
      await attempt();
      await putBenches(empty, [bench('b1', 'a')]);
    },
  });
  t.teardown(async () => {
    await close();
    await store.close();
    await redis.stop();
  });
  const seedWith: Setup['seedWith'] = (next) => {
    attempt = next;
  };
  return { redis, lab, seedWith, seeds: () => seeds, ping: () => store.ping() };
}

withRedis(
  'while an empty lab is filled again nobody is refused by it, and those who waited before go first',
  async (t) => {
    const { redis, lab, seedWith, seeds, ping } = await setUp(t);
    const [holder, waiter, late] = [new TestStream(), new TestStream(), new TestStream()];
    const held = lab.acquire(request('holds', 'a'), holder, holder);
    await until(() => holder.lease !== undefined, { what: 'the first to hold' });
    const waiting = lab.acquire(request('waits', 'a'), waiter, waiter);
    await until(() => waiter.positions.length > 0, { what: 'the second to wait' });
    let fill: () => void = () => undefined;
    const filled = new Promise<void>((resolve) => {
      fill = resolve;
    });
    seedWith(() => filled);

    await redis.restart({ empty: true });
    await until(() => seeds() === 2, { what: 'the loss to be seen', timeoutMs: 20_000 });
    t.is(lab.state.benches.size, 0);
    const arriving = lab.acquire(request('late', 'a'), late, late);
    let told: unknown = 'nothing';
    const read = lab.stocked().then(() => {
      told = 'stocked';
    });
    arriving.catch((error: unknown) => {
      told = error;
    });
    // A plan that does not wait is answered when its batch has been to the store and back.
    for (let i = 0; i < 20; i++) await ping();
    t.is(told, 'nothing');
    fill();
    await held;
    await read;
    t.is(holder.endedBy, 'STORE_LOST');
    await until(() => waiter.lease !== undefined, { what: 'the waiter to hold' });
    t.is(late.lease, undefined);
    waiter.hangUp();
    await waiting;
    await until(() => late.lease !== undefined, { what: 'the late one to hold' });
    late.hangUp();
    await arriving;
  },
);

withRedis('an empty lab that cannot be filled refuses with a time to call again, and is filled later', async (t) => {
  const { redis, lab, seedWith, seeds } = await setUp(t);
  let fail: (error: Error) => void = () => undefined;
  const failing = new Promise<void>((_, reject) => {
    fail = reject;
  });
  seedWith(() => failing);
  await redis.restart({ empty: true });
  const seesLoss = (): boolean => {
    // Whoever asks sees it; what becomes of the question is not the matter here.
    lab.upToDate().catch(() => undefined);
    return seeds() === 2;
  };
  await until(seesLoss, { what: 'the loss to be seen', timeoutMs: 20_000 });
  const stream = new TestStream();
  const refused = t.throwsAsync(lab.acquire(request('r1', 'a'), stream, stream), { instanceOf: BerthError });
  seedWith(() => Promise.resolve());
  fail(new Error('no such file'));
  const error = await refused;
  t.is(error.reason, 'STORE_UNAVAILABLE');
  t.is(error.details.retryAfterMs, 1000);
  const asked = lab.acquire(request('r1', 'a'), stream, stream);
  await until(() => stream.lease !== undefined, { what: 'the bench to be there' });
  stream.hangUp();
  await asked;
});

withRedis('after a loss of the store a bench that asks for it is cleaned before it is lent', async (t) => {
  const redis = await startRedisServer();
  const store = await openRedisEventLogStore({ url: redis.url, clock: systemClock() });
  const specs = [{ ...bench('b1', 'a'), recycle: 'CLEAN' as const }];
  const by = { actor: SYSTEM, operator: true };
  const { lab, close } = await openTestLab({
    store,
    seed: async (empty, afterLoss) => {
      const apply = { specs, prune: false, force: false, afterLoss };
      await empty.run({ requestId: '', fingerprint: '', plan: (draft) => planApplyInventory(draft, apply, by) });
    },
  });
  t.teardown(async () => {
    await close();
    await store.close();
    await redis.stop();
  });
  const [holder, waiter] = [new TestStream(), new TestStream()];
  const held = lab.acquire(request('holds', 'a'), holder, holder);
  await until(() => holder.lease !== undefined, { what: 'the first to hold: nothing was lost yet' });
  const waiting = lab.acquire(request('waits', 'a'), waiter, waiter);
  await until(() => waiter.views.length > 0, { what: 'the second to wait' });

  await redis.restart({ empty: true });
  await held;
  t.is(holder.endedBy, 'STORE_LOST');
  await until(() => waiter.views.at(-1)?.reason === 'CLEANING', { what: 'the waiter to wait for the cleaning' });
  const token = lab.state.benches.get('b1')?.cleaning ?? 0;
  t.true(token > (holder.lease?.token ?? Infinity));
  await lab.run({ requestId: '', fingerprint: '', plan: (draft) => planFinishCleaning(draft, 'b1', token) });
  await until(() => waiter.lease !== undefined, { what: 'the waiter to hold' });
  waiter.hangUp();
  await waiting;
});
