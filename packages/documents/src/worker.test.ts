import { inProcessLocks } from '@berth/storage';
import type { HeldLock, Locks } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { WorkerOptions } from './worker.js';
import { Worker } from './worker.js';

const AGAIN_MS = 1000;
const RETRY_MS = 10;

/** A worker that writes down what it does, and fails with what `fails` holds for a step. */
function startWorker(t: ExecutionContext, locks: Locks, options: Partial<WorkerOptions> = {}) {
  const clock = fakeClock();
  const done: string[] = [];
  const fails: { election?: Error; work?: Error } = {};
  let turns = 0;
  const worker = new Worker({
    clock,
    locks: {
      acquire: (name, ttlMs) => (fails.election ? Promise.reject(fails.election) : locks.acquire(name, ttlMs)),
      close: () => locks.close(),
    },
    lock: 'work',
    lockTtlMs: 5000,
    work: () => (fails.work ? Promise.reject(fails.work) : Promise.resolve(void done.push('worked'))),
    standBy: () => Promise.resolve(void done.push('stood by')),
    againMs: AGAIN_MS,
    retryMs: () => RETRY_MS,
    went: (step, error) => {
      if (error !== undefined) done.push(`${step}: ${(error as Error).message}`);
      if (step === 'work') turns += 1;
    },
    ...options,
  });
  t.teardown(() => worker.stop());
  worker.start();
  return {
    worker,
    done,
    fails,
    clock,
    /** Waits for the end of the next turn, which begins after `ms`. */
    async turn(ms: number) {
      const before = turns;
      clock.advance(ms);
      await until(() => turns > before, { what: 'a turn' });
    },
    first: () => until(() => turns > 0, { what: 'the first turn' }),
  };
}

test('of two workers one works, and the other takes over when it stops', async (t) => {
  const locks = inProcessLocks();
  const one = startWorker(t, locks);
  await one.first();
  const two = startWorker(t, locks);
  await two.first();
  await one.turn(AGAIN_MS);
  await two.turn(AGAIN_MS);
  t.deepEqual(one.done, ['worked', 'worked']);
  t.deepEqual(two.done, ['stood by', 'stood by']);
  await one.worker.stop();
  await two.turn(AGAIN_MS);
  t.is(two.done.at(-1), 'worked');
});

test('after a failure it tries again sooner, and another may do the work meanwhile', async (t) => {
  const locks = inProcessLocks();
  const one = startWorker(t, locks);
  await one.first();
  one.fails.work = new Error('no way');
  await one.turn(AGAIN_MS);
  const two = startWorker(t, locks);
  await two.first();
  t.deepEqual(two.done, ['worked']);
  await one.turn(RETRY_MS);
  t.deepEqual(one.done, ['worked', 'work: no way', 'stood by']);
});

test('while nobody can be elected each stands by, and says why', async (t) => {
  const one = startWorker(t, inProcessLocks());
  await one.first();
  t.deepEqual(one.done, ['worked']);
  const locks = { acquire: () => Promise.reject(new Error('no majority')), close: () => Promise.resolve() };
  const other = startWorker(t, locks);
  await other.first();
  await other.turn(RETRY_MS);
  t.deepEqual(other.done, ['election: no majority', 'stood by', 'election: no majority', 'stood by']);
  // The one that holds the lock already needs no election.
  one.fails.election = new Error('no majority');
  await one.turn(AGAIN_MS);
  t.deepEqual(one.done, ['worked', 'worked']);
});

test('work is told when the lock is lost, and at the stop, which waits for its end', async (t) => {
  const ends: string[] = [];
  const held: HeldLock[] = [];
  let running = 0;
  const work = async (signal: AbortSignal, lock: HeldLock): Promise<void> => {
    held.push(lock);
    running += 1;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    ends.push(lock.isHeld() ? 'stopped' : 'lost');
    running -= 1;
  };
  const { worker, clock, done } = startWorker(t, inProcessLocks(), { work });
  await until(() => running === 1, { what: 'the work' });
  await held[0]?.release();
  await until(() => running === 0, { what: 'the end of the work' });
  await until(
    () => {
      clock.advance(AGAIN_MS);
      return running === 1;
    },
    { what: 'the work again' },
  );
  await worker.stop();
  t.deepEqual(ends, ['lost', 'stopped']);
  t.false(held[1]?.isHeld());
  t.deepEqual(done, [], 'neither is a failure');
});
