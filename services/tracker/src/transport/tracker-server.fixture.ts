// A tracker that serves on a real port, on either engine.
import type { Berth } from '@berth/client';
import { BerthError, connect } from '@berth/client';
import { createGrpcServer } from '@berth/server';
import type { CollectionStore } from '@berth/storage';
import { inProcessLocks, openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import type { DocumentEngine, FakeClock } from '@berth/testkit';
import { fakeClock, mongoDatabase, serveService, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { z } from 'zod';
import { createTrackerService, parentsByKind, trackerConfigSchema } from '../index.js';
import type { ParentChecks } from '../remote/parents-by-kind.js';

export type Records = Berth['records'];

export interface TestTracker {
  readonly clock: FakeClock;
  readonly store: CollectionStore;
  /** Where it serves. */
  readonly address: string;
  readonly api: Berth['allocations'];
  readonly records: Berth['records'];
  readonly recordsAs: (user: string, role: string) => Berth['records'];
  /** The client of another caller. */
  as(user: string, role: string): Berth['allocations'];
  /** Moves the clock to the next look for leaks, at most one more, and waits for all that it does. */
  readonly sweep: () => Promise<void>;
}

interface Options {
  readonly config?: z.input<typeof trackerConfigSchema>;
  readonly parents?: ParentChecks;
  readonly clock?: FakeClock;
  /** What the tracker sees instead of the store itself. */
  readonly seen?: (store: CollectionStore) => CollectionStore;
}

async function openStore(t: ExecutionContext, engine: DocumentEngine): Promise<CollectionStore> {
  if (engine === 'sqlite') return openSqliteCollectionStore({ dir: ':memory:' });
  return openMongoCollectionStore({ ...mongoDatabase(t), answerWithinMs: 60_000, selectWithinMs: 30_000 });
}

/** Starts a tracker; all of it ends with the test. */
export async function startTracker(
  t: ExecutionContext,
  engine: DocumentEngine,
  options: Options = {},
): Promise<TestTracker> {
  const { clock = fakeClock(), config = {}, parents, seen = (store: CollectionStore) => store } = options;
  const store = await openStore(t, engine);
  const log = pino({ level: 'silent' });
  const settings = trackerConfigSchema.parse(config);
  let looks = 0;
  const service = createTrackerService(settings, {
    store: seen(store),
    clock,
    locks: inProcessLocks(),
    logger: log,
    failpoint: () => undefined,
    storeWorks: () => (looks += 1),
    ...(parents !== undefined && { parents: parentsByKind(parents, log) }),
  });
  const { address, stop } = await serveService(createGrpcServer({ host: '127.0.0.1', port: 0, log }), service);
  service.startSweeping();
  const clients: Berth[] = [];
  const client = (user: string, role: string): Berth => {
    const berth = connect({ address, user, role, timeoutMs: 150_000 });
    clients.push(berth);
    return berth;
  };
  t.teardown(async () => {
    for (const berth of clients) berth.close();
    await stop();
    await store.close();
  });
  const { allocations: api, records } = client('ann', 'operator');
  const sweepMs = async (): Promise<number> => (await api.listLeaks({})).sweepTime?.getTime() ?? 0;
  await until(() => looks > 0, { what: 'the first look for leaks' });
  return {
    clock,
    store,
    address,
    api,
    records,
    as: (user, role) => client(user, role).allocations,
    recordsAs: (user, role) => client(user, role).records,
    async sweep() {
      const before = clock.now();
      let seen: number | undefined;
      await until(
        async () => {
          if ((await sweepMs()) > before && looks !== seen) return true;
          // A timer is set only when a look has ended: moved on at each try, the clock would run away from a slow store.
          if (looks !== seen) clock.advance(settings.sweepMs);
          seen = looks;
          return false;
        },
        { what: 'a look for leaks' },
      );
    },
  };
}

/** What a call is refused with; fails the test when it is not. */
export function refused(t: ExecutionContext, call: Promise<unknown>): Promise<BerthError> {
  return t.throwsAsync(call, { instanceOf: BerthError });
}
