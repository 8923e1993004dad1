import { BerthError, systemClock } from '@berth/kernel';
import { until } from '@berth/testkit';
import type { TestFn } from 'ava';
import type { Locks } from './lock.js';

/** Locks under test. */
export interface LocksStarted {
  readonly locks: Locks;
  /** Gives another user of the same locks, as another process would be. */
  readonly more: () => Promise<Locks>;
  readonly stop: () => Promise<void>;
  /** Takes away what the locks ask; absent where they ask nobody. What it gives puts that back. */
  readonly silence?: () => Promise<() => Promise<void>>;
}

/** An engine under test. */
export interface LocksSubject {
  start(): Promise<LocksStarted>;
}

const TTL_MS = 2_000;

/** Registers the tests that every engine of `Locks` has to pass. What makes a lock get lost differs: see their own tests. */
export function testLocks(test: TestFn, subject: LocksSubject): void {
  async function withLocks(body: (started: LocksStarted) => Promise<void>): Promise<void> {
    const started = await subject.start();
    try {
      await body(started);
    } finally {
      await started.stop();
    }
  }

  test('a lock is one holder’s, until it is released', async (t) => {
    await withLocks(async ({ locks, more }) => {
      const other = await more();
      const held = await locks.acquire('work', TTL_MS);
      t.false(held?.signal.aborted);
      t.true(held?.isHeld());
      t.is(await locks.acquire('work', TTL_MS), undefined);
      t.is(await other.acquire('work', TTL_MS), undefined);
      t.truthy(await other.acquire('other work', TTL_MS));
      await held?.release();
      t.true(held?.signal.aborted);
      t.false(held?.isHeld());
      const next = await other.acquire('work', TTL_MS);
      t.truthy(next);
      // Released again: it is not the former holder's to give back.
      await held?.release();
      t.is(await locks.acquire('work', TTL_MS), undefined);
      t.false(next?.signal.aborted);
    });
  });

  test('of many that want a lock at once at most one has it', async (t) => {
    await withLocks(async ({ locks, more }) => {
      const all = [locks, ...(await Promise.all(Array.from({ length: 7 }, more)))];
      let winners = 0;
      for (let round = 0; round < 20; round += 1) {
        const asked = await Promise.all(all.map((one) => one.acquire('work', 60_000)));
        const held = asked.filter((one) => one !== undefined);
        t.true(held.length <= 1, `round ${String(round)}: ${String(held.length)} holders`);
        winners += held.length;
        await Promise.all(held.map((one) => one.release()));
      }
      t.true(winners > 0);
    });
  });

  test('a lock that is held outlives its time to live', async (t) => {
    await withLocks(async ({ locks, more }) => {
      const other = await more();
      const clock = systemClock();
      const held = await locks.acquire('work', TTL_MS);
      const end = clock.monotonic() + 2 * TTL_MS;
      await until(
        async () => {
          t.is(await other.acquire('work', TTL_MS), undefined);
          return clock.monotonic() > end;
        },
        { what: 'twice its time to live' },
      );
      t.false(held?.signal.aborted);
      t.true(held?.isHeld());
    });
  });

  test('closing gives up what is held, and nothing is given any more', async (t) => {
    await withLocks(async ({ locks }) => {
      const held = await locks.acquire('work', TTL_MS);
      await locks.close();
      t.true(held?.signal.aborted);
      const error = await t.throwsAsync(locks.acquire('work', TTL_MS), { instanceOf: BerthError });
      t.is(error.reason, 'SHUTTING_DOWN');
    });
  });

  test('a lock that cannot be asked for is not one that another has', async (t) => {
    await withLocks(async ({ locks, more, silence }) => {
      const other = await more();
      const held = await other.acquire('held', 60_000);
      t.is(await locks.acquire('held', TTL_MS), undefined);
      if (silence === undefined) return;
      const speak = await silence();
      for (const work of ['held', 'free']) {
        const error = await t.throwsAsync(locks.acquire(work, TTL_MS), { instanceOf: BerthError });
        t.is(error.reason, 'STORE_UNAVAILABLE');
        t.true((error.details.retryAfterMs ?? 0) > 0);
        t.regex(error.message, /servers? for locks (does not answer|answers) .* check that they run/);
      }
      await speak();
      const free = await until(() => locks.acquire('free', TTL_MS).catch(() => undefined), { what: 'a lock again' });
      t.true(free.isHeld());
      await held?.release();
    });
  });
}
