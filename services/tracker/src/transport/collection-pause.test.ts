import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
import type { RedisServer } from '@berth/testkit';
import { onEachEngine, requireServer, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { applied, deleteCommand, dueAllocation, PAST_CLAIM_MS, planTo } from './collecting-process.fixture.js';
import type { TrackerProcess } from './tracker-processes.fixture.js';
import { newPlace, startProcess } from './tracker-processes.fixture.js';

/**
 * How long the collector waits where it is paused, and how long its lock lasts. When it goes on, the wait is over before
 * the timer of the lock is looked at: it comes to its next step believing that it has the lock.
 */
const WAIT_MS = 2000;
const LOCK_MS = 3500;

let redis: RedisServer;

/** A collector that was stopped at a failpoint while it deleted an allocation, and another one that has taken its lock over. */
interface Paused {
  readonly id: string;
  readonly stopped: TrackerProcess;
  readonly other: TrackerProcess;
  readonly keys: () => readonly string[];
  /** What the stopped one answers when it goes on: outcomes, or the reason of its error. */
  readonly goOn: () => Promise<readonly string[]>;
}

async function pausedAt(t: ExecutionContext, failpoint: string, ownLocks = false): Promise<Paused> {
  const { config, keys } = deleteCommand(t);
  const place = newPlace(t, 'mongo');
  const locks = { redisUrl: redis.url, ttlMs: LOCK_MS };
  // The third item of all is the deletion, after its mark and its notice.
  const visit = failpoint === 'tracker.itemQualified' ? 3 : 1;
  const arming = `${failpoint}:delay(${String(WAIT_MS)})@${String(visit)}`;
  const stopped = await startProcess(t, { place, config, ...(!ownLocks && { locks }) }, arming);
  const id = await dueAllocation(stopped.api);
  // For it the claim of the other one has ended long ago.
  const other = await startProcess(t, { place, config, locks, aheadMs: PAST_CLAIM_MS });
  const planId = await planTo(stopped.api, CollectAction.DELETE);
  const apply = async (): Promise<readonly string[]> => {
    try {
      return (await stopped.api.applyPlan({ planId }, { retry: false })).outcomes.map(({ outcome }) => outcome);
    } catch (error) {
      const { reason } = error as { readonly reason: string };
      // It did not get the lock, so it is not where it has to be stopped.
      if (reason === 'COLLECTION_RUNS' && stopped.visits(failpoint) < visit) return apply();
      return [reason];
    }
  };
  const call = apply();
  await until(() => stopped.visits(failpoint) === visit, { what: failpoint });
  stopped.signal('SIGSTOP');
  const taken = async (): Promise<boolean> => {
    const empty = (await other.api.planCollection({ maxDeletions: 0 })).plan?.id ?? '';
    await other.api.applyPlan({ planId: empty }, { retry: false });
    return true;
  };
  await until(taken, { what: 'the lock of the paused collector' });
  const goOn = (): Promise<readonly string[]> => {
    stopped.signal('SIGCONT');
    return call;
  };
  return { id, stopped, other, keys, goOn };
}

onEachEngine(test, (engine, title) => {
  if (engine !== 'mongo' || !requireServer(test, 'redis-server')) return;
  test.before(async () => {
    redis = await startRedisServer();
  });
  test.after.always(() => redis.stop());

  test.serial(
    title('a collector paused before its claim deletes nothing that its owner has kept meanwhile'),
    async (t) => {
      const { id, other, keys, goOn } = await pausedAt(t, 'tracker.itemQualified');
      await other.api.extend({ id, duration: { seconds: 3600, nanos: 0 } });
      t.deepEqual(await goOn(), ['COLLECTION_RUNS']);
      await checkKept(t, other, id, keys);
    },
  );

  test.serial(title('the same for one that cannot know that it was paused: its write names the etag'), async (t) => {
    const { id, other, keys, goOn } = await pausedAt(t, 'tracker.itemQualified', true);
    await other.api.extend({ id, duration: { seconds: 3600, nanos: 0 } });
    t.deepEqual(await goOn(), ['SKIPPED_CHANGED']);
    await checkKept(t, other, id, keys);
  });

  test.serial(
    title('a collector paused between claim and command does not run it on what was kept meanwhile'),
    async (t) => {
      const { id, other, keys, goOn } = await pausedAt(t, 'tracker.deleteBegun');
      await other.api.extend({ id, duration: { seconds: 3600, nanos: 0 } });
      t.deepEqual(await goOn(), ['COLLECTION_RUNS']);
      await checkKept(t, other, id, keys);
    },
  );

  test.serial(
    title('a collector paused between claim and command does not delete what the next one has deleted'),
    async (t) => {
      const { id, other, keys, goOn } = await pausedAt(t, 'tracker.deleteBegun');
      const planId = await planTo(other.api, CollectAction.DELETE);
      t.is(await applied(other.api, planId), 'DONE');
      t.is(keys().length, 1);
      t.deepEqual(await goOn(), ['COLLECTION_RUNS']);
      t.is(keys().length, 1);
      t.is((await other.api.getAllocation({ id })).allocation?.state, AllocationState.RELEASED);
    },
  );

  test.serial(
    title('a claim that was not used is given back, and the next collector need not wait for its end'),
    async (t) => {
      const { id, stopped, goOn, keys } = await pausedAt(t, 'tracker.deleteBegun');
      t.deepEqual(await goOn(), ['COLLECTION_RUNS']);
      t.deepEqual(keys(), []);
      const planId = await planTo(stopped.api, CollectAction.DELETE);
      t.is(await applied(stopped.api, planId), 'DONE');
      t.is(keys().length, 1);
      t.is((await stopped.api.getAllocation({ id })).allocation?.state, AllocationState.RELEASED);
    },
  );
});

async function checkKept(
  t: ExecutionContext,
  { api }: TrackerProcess,
  id: string,
  keys: () => readonly string[],
): Promise<void> {
  t.deepEqual(keys(), []);
  const { allocation } = await api.getAllocation({ id });
  t.like(allocation, { state: AllocationState.ALLOCATED, flags: [], collection: undefined });
}
