import { BerthError, systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;
/** Far longer than the test lasts. */
const LONG_MS = 60_000;

/** Two replicas of a lab with the benches b1 and b2. */
async function startTwo(t: ExecutionContext) {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const clock = systemClock();
  const open = async (...names: readonly string[]) => {
    const store = await openRedisEventLogStore({ url: redis.url, clock });
    const lab = await openTestLab({ store, benches: names.map((name) => bench(name, name)) });
    t.teardown(async () => {
      await lab.close();
      await store.close();
    });
    return lab.lab;
  };
  return [await open('b1', 'b2'), await open()] as const;
}

withRedis(
  'a replica that hands over keeps its holders until they hang on another one, with lease and token',
  async (t) => {
    const [stopping, other] = await startTwo(t);
    const held = new TestStream();
    const holding = stopping.acquire(request('r1', 'b1'), held, held).catch((error: unknown) => error);
    await until(() => held.lease !== undefined, { what: 'a grant' });
    let isDone = false;
    const handedOver = stopping.handOver(LONG_MS).then(() => (isDone = true));
    t.deepEqual(held.warnings, ['SHUTDOWN']);
    t.is(held.endedBy, undefined);
    t.false(isDone);
    const moved = new TestStream();
    const there = other.acquire(request('r1', 'b1'), moved, moved);
    await until(() => moved.lease !== undefined, { what: 'the lease on the other replica' });
    t.deepEqual([moved.lease?.id, moved.lease?.token], [held.lease?.id, held.lease?.token]);
    await handedOver;
    const error = await holding;
    t.true(error instanceof BerthError && error.reason === 'REQUEST_TAKEN_OVER');
    t.is(held.endedBy, undefined);
    moved.hangUp();
    await there;
  },
);

withRedis('those who wait go too: a grant that crosses the hand-over is theirs on the other replica', async (t) => {
  const [stopping, other] = await startTwo(t);
  const [held, waiting] = [new TestStream(), new TestStream()];
  const holding = stopping.acquire(request('r1', 'b1'), held, held);
  await until(() => held.lease !== undefined, { what: 'a grant' });
  const waits = stopping.acquire(request('r2', 'b1'), waiting, waiting).catch((error: unknown) => error);
  await until(() => waiting.positions.length > 0, { what: 'a place' });
  const handedOver = stopping.handOver(LONG_MS);
  t.deepEqual(waiting.warnings, ['SHUTDOWN']);
  held.hangUp();
  await holding;
  await until(() => waiting.lease !== undefined, { what: 'the grant on the replica that stops' });
  const moved = new TestStream();
  const there = other.acquire(request('r2', 'b1'), moved, moved);
  await until(() => moved.lease !== undefined, { what: 'the lease on the other replica' });
  t.deepEqual([moved.lease?.id, moved.lease?.token], [waiting.lease?.id, waiting.lease?.token]);
  await handedOver;
  const error = await waits;
  t.true(error instanceof BerthError && error.reason === 'REQUEST_TAKEN_OVER');
  moved.hangUp();
  await there;
});

withRedis('who does not go is told at the end, and keeps its place; nobody new is taken', async (t) => {
  const [stopping, other] = await startTwo(t);
  const [held, waiting] = [new TestStream(), new TestStream()];
  const holding = stopping.acquire(request('r1', 'b1'), held, held).catch((error: unknown) => error);
  await until(() => held.lease !== undefined, { what: 'a grant' });
  const waits = stopping.acquire(request('r2', 'b1'), waiting, waiting).catch((error: unknown) => error);
  await until(() => waiting.positions.length > 0, { what: 'a place' });
  await stopping.handOver(50);
  t.is(held.endedBy, undefined);
  const late = new TestStream();
  const taken = until(() => late.lease !== undefined, { what: 'a grant of b2', timeoutMs: 5000 });
  const arriving = Promise.race([stopping.acquire(request('r3', 'b2'), late, late), taken]);
  await t.throwsAsync(arriving, { message: /shuts down/ });
  await stopping.close();
  for (const told of [await holding, await waits]) {
    t.true(told instanceof BerthError && told.reason === 'SHUTTING_DOWN');
  }
  t.deepEqual([held.warnings, waiting.warnings], [['SHUTDOWN'], ['SHUTDOWN']]);
  const back = new TestStream();
  const again = other.acquire(request('r2', 'b1'), back, back);
  await until(() => back.lease !== undefined, { what: 'the bench of the first', timeoutMs: 30_000 });
  back.hangUp();
  await again;
});

withRedis('who arrives while the hand-over begins is taken, and sent on: what it holds is not lost', async (t) => {
  const [stopping, other] = await startTwo(t);
  const held = new TestStream();
  const holding = other.acquire(request('r1', 'b1'), held, held).catch((error: unknown) => error);
  await until(() => held.lease !== undefined, { what: 'a grant' });
  const moved = new TestStream();
  const planned = new Promise<void>((resolve) => {
    let asked = 0;
    Object.defineProperty(moved, 'over', {
      get() {
        // Asked when the call comes, and when it is planned.
        if (++asked === 2) resolve();
        return false;
      },
    });
  });
  const arriving = stopping.acquire(request('r1', 'b1'), moved, moved).catch((error: unknown) => error);
  await planned;
  const handedOver = stopping.handOver(LONG_MS);
  await until(() => moved.lease !== undefined, { what: 'the lease on the replica that stops' });
  t.deepEqual(moved.warnings, ['SHUTDOWN']);
  t.is(moved.lease?.id, held.lease?.id);
  const back = new TestStream();
  const there = other.acquire(request('r1', 'b1'), back, back);
  await until(() => back.lease !== undefined, { what: 'the lease on the other replica' });
  t.is(back.lease?.id, held.lease?.id);
  await handedOver;
  await Promise.all([holding, arriving]);
  back.hangUp();
  await there;
});
