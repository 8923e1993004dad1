import { BerthError, systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import type { RedisServer } from '@berth/testkit';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
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
