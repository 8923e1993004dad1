import { inProcessLocks, openSqliteCollectionStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { pino } from 'pino';
import { createTrackerService, trackerConfigSchema } from '../index.js';

test('of two replicas one looks for leaks, and the other takes over when it stops', async (t) => {
  const clock = fakeClock();
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const locks = inProcessLocks();
  const looks = { a: 0, b: 0 };
  const replica = (name: 'a' | 'b') =>
    createTrackerService(trackerConfigSchema.parse({ sweepMs: 1000 }), {
      store,
      clock,
      locks: {
        acquire: async (lock, ttlMs) => {
          const held = await locks.acquire(lock, ttlMs);
          if (held !== undefined) looks[name] += 1;
          return held;
        },
        close: () => Promise.resolve(),
      },
      logger: pino({ level: 'silent' }),
      failpoint: () => undefined,
      storeWorks: () => undefined,
    });
  const [a, b] = [replica('a'), replica('b')];
  t.teardown(async () => {
    await b.stop();
    await store.close();
  });
  await a.start();
  a.startSweeping();
  await until(() => looks.a === 1, { what: 'the first replica to be elected' });
  await b.start();
  b.startSweeping();
  const sweeps = await store.collection<{ id: string; timeMs: number }>({ name: 'tracker_marks', indexes: [] });
  const sweptMs = async (): Promise<number> => (await sweeps.get('sweep'))?.value.timeMs ?? 0;
  const startMs = clock.now();
  await until(
    async () => {
      if ((await sweptMs()) >= startMs + 3000) return true;
      clock.advance(1000);
      return false;
    },
    { what: 'some more looks' },
  );
  t.deepEqual(looks, { a: 1, b: 0 });
  await a.stop();
  await until(
    () => {
      if (looks.b === 1) return true;
      clock.advance(1000);
      return false;
    },
    { what: 'the other replica to take over' },
  );
  t.deepEqual(looks, { a: 1, b: 1 });
});
