import type { Berth } from '@berth/client';
import { BerthError, connect, EndReason, Status } from '@berth/client';
import type { Berthd, RedisServer } from '@berth/testkit';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { AcquireCall } from '../driver/acquire-call.js';
import { manual, openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

/** A call that is not answered by the server in this time counts as one that hangs. */
const NO_HANG_MS = 8000;

interface Setup {
  readonly redis: RedisServer;
  readonly replicas: readonly [Berthd, Berthd];
  readonly berths: readonly [Berth, Berth];
}

async function start(t: ExecutionContext, benches = 2, lease: object = {}): Promise<Setup> {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const replica = (): Promise<Berthd> =>
    berthdOf(t, { redisUrl: redis.url, inventory: inventoryOf(benches), settings: { lease } });
  const replicas = [await replica(), await replica()] as const;
  const connected = ({ address }: Berthd): Berth => {
    const berth = connect({ address });
    t.teardown(() => berth.close());
    return berth;
  };
  return { redis, replicas, berths: [connected(replicas[0]), connected(replicas[1])] };
}

function wants(bench: string): { requirements: { bench: string }[] } {
  return { requirements: [{ bench }] };
}

async function storeLost(t: ExecutionContext, call: AcquireCall): Promise<void> {
  t.is(await call.failed(), undefined);
  const last = call.events.at(-1);
  t.is(last?.$case, 'ended');
  if (last?.$case === 'ended') t.is(EndReason[last.value.reason], 'STORE_LOST');
}

/** What a call gives as soon as the server can do it: until then it must be refused with a time to retry after. */
async function onceItWorks<T>(call: () => Promise<T>): Promise<T> {
  const answer = await until(
    async () => {
      try {
        return { value: await call() };
      } catch (error) {
        if (!(error instanceof BerthError) || error.code !== Status.UNAVAILABLE) return { error };
        return undefined;
      }
    },
    { what: 'the server to work again', timeoutMs: 30_000 },
  );
  if ('value' in answer) return answer.value;
  throw answer.error;
}

async function benchesOf(berth: Berth): Promise<string[]> {
  const { benches } = await berth.inventory.listBenches({}, { retry: false, timeoutMs: NO_HANG_MS });
  return benches.map(({ name, holder }) => (holder === '' ? name : `${name} held`));
}

/** Takes a bench for a moment, through a server that may not be back yet. */
async function tokenOf(berth: Berth, bench: string): Promise<number> {
  const { id, fencingToken } = await onceItWorks(() => openAcquire(berth, manual(wants(bench))).granted());
  await onceItWorks(() => berth.lease.release({ leaseId: id }, { retry: false, timeoutMs: NO_HANG_MS }));
  return fencingToken;
}

if (requireServer(test, 'redis-server')) {
  // With a short life of sessions the next beat notices the loss before the follower does.
  for (const [noticed, settings] of [
    ['by the follower', {}],
    ['by the session', { sessionTtlMs: 1000 }],
  ] as const) {
    test(`Redis restarted empty, noticed ${noticed}: holders are told, waiters stay, benches come back, tokens rise`, async (t) => {
      const { redis, berths } = await start(t, 2, settings);
      const [first, second] = berths;
      const holder = openAcquire(first, wants('b1'));
      const { fencingToken: before } = await holder.granted();
      const { fencingToken: lasting } = await openAcquire(second, manual(wants('b2'))).granted();
      const waiters = [openAcquire(first, wants('b1')), openAcquire(second, wants('b1'))];
      for (const waiter of waiters) await waiter.queued();

      await redis.restart({ empty: true });
      await storeLost(t, holder);
      // One of the waiters holds it now, and when that one goes the other.
      const granted = (): AcquireCall | undefined => waiters.find((waiter) => waiter.lease !== undefined);
      const next = await until(granted, { what: 'a waiter to be granted', timeoutMs: 20_000 });
      t.true((next.lease?.fencingToken ?? 0) > before);
      next.hangUp();
      const other = waiters.find((waiter) => waiter !== next);
      t.true(((await other?.granted())?.fencingToken ?? 0) > (next.lease?.fencingToken ?? Infinity));
      other?.hangUp();

      for (const berth of berths) {
        t.true((await tokenOf(berth, 'b2')) > lasting);
        await until(async () => String(await benchesOf(berth)) === 'b1,b2', { what: 'the inventory, all free' });
      }
    });
  }

  test('Redis restarted from an older copy: what was granted since is ended, what waits stays, tokens rise', async (t) => {
    const { redis, berths } = await start(t);
    const [first, second] = berths;
    const old = await openAcquire(first, manual(wants('b1'))).granted();
    const copy = redis.copyData();
    await first.lease.release({ leaseId: old.id });
    const holder = openAcquire(second, wants('b1'));
    const newer = await holder.granted();
    t.true(newer.fencingToken > old.fencingToken);
    const waiter = openAcquire(first, wants('b1'));
    await waiter.queued();

    await redis.restart({ from: copy });
    await storeLost(t, holder);
    // The copy says that the old lease holds the bench; its holder has given it back, and does so again.
    await onceItWorks(() => second.lease.release({ leaseId: old.id }, { retry: false, timeoutMs: NO_HANG_MS }));
    const { fencingToken } = await waiter.granted();
    t.true(fencingToken > newer.fencingToken);
    waiter.hangUp();
    for (const berth of berths) t.true((await tokenOf(berth, 'b1')) > fencingToken);
  });

  test('Redis restarted from an older copy: what it brings back that nobody holds any more is given up', async (t) => {
    const { redis, berths } = await start(t, 3, { waiterGraceMs: 1000 });
    const [first, second] = berths;
    const hangsUp = openAcquire(first, wants('b1'));
    const givesUp = openAcquire(first, wants('b1'));
    const blocker = await openAcquire(second, manual(wants('b2'))).granted();
    const waits = openAcquire(first, wants('b2'));
    await hangsUp.granted();
    for (const call of [givesUp, waits]) await call.queued();
    const copy = redis.copyData();
    givesUp.hangUp();
    await until(async () => (await second.lease.listQueue({})).waiting === 1, { what: 'the request to be gone' });
    hangsUp.hangUp();
    await until(async () => String(await benchesOf(second)) === 'b1,b2 held,b3', { what: 'the bench to be free' });
    await second.lease.release({ leaseId: blocker.id });
    const granted = await waits.granted();

    await redis.restart({ from: copy });
    // The copy has it waiting; it was told that it holds.
    await storeLost(t, waits);
    await onceItWorks(() => second.lease.release({ leaseId: blocker.id }, { retry: false, timeoutMs: NO_HANG_MS }));
    await until(async () => String(await benchesOf(first)) === 'b1,b2,b3', { what: 'free benches', timeoutMs: 20_000 });
    t.true((await tokenOf(second, 'b2')) > granted.fencingToken);
    t.is((await first.lease.listQueue({})).waiting, 0);
  });

  test('Redis frozen: calls are refused with a time to retry after, and all goes on afterwards', async (t) => {
    const { redis, berths } = await start(t);
    const [first, second] = berths;
    const holder = openAcquire(first, wants('b1'));
    const { id } = await holder.granted();
    const waiter = openAcquire(second, wants('b1'));
    await waiter.queued();

    await redis.kill('SIGSTOP');
    for (const berth of berths) {
      const startedMs = performance.now();
      const error = await openAcquire(berth, wants('b2')).failed();
      t.log(`refused after ${(performance.now() - startedMs).toFixed(0)} ms`);
      t.is(error?.reason, 'STORE_UNAVAILABLE');
      t.is(error?.code, Status.UNAVAILABLE);
      t.true((error?.details.retryAfterMs ?? 0) > 0);
      await until(async () => (await berth.health()) === 'NOT_SERVING', { what: 'health to say so' });
    }
    await redis.kill('SIGCONT');

    for (const berth of berths) {
      await tokenOf(berth, 'b2');
      await until(async () => (await berth.health()) === 'SERVING', { what: 'health to say so' });
    }
    // Shorter than a session's life, so nothing is lost.
    t.false(holder.over);
    const { lease } = await second.lease.getLease({ leaseId: id });
    t.is(lease?.id, id);
    holder.hangUp();
    await waiter.granted();
    waiter.hangUp();
  });

  test('Redis killed and started again with its data: nothing is lost, and no replica is restarted', async (t) => {
    const { redis, berths } = await start(t);
    const [first, second] = berths;
    const holder = openAcquire(first, wants('b1'));
    await holder.granted();
    const lasting = await openAcquire(first, manual({ ...wants('b2'), requestId: 'lasting' })).granted();
    const waiter = openAcquire(second, wants('b1'));
    await waiter.queued();

    await redis.restart();
    const again = await onceItWorks(() =>
      openAcquire(second, manual({ ...wants('b2'), requestId: 'lasting' })).granted(),
    );
    t.deepEqual([again.id, again.fencingToken], [lasting.id, lasting.fencingToken]);
    t.false(holder.over);
    holder.hangUp();
    await waiter.granted();
    waiter.hangUp();
  });
}
