import { inProcessLocks, openSqliteCollectionStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import { fail, newIntent } from '../domain/index.js';
import { createTrackerService, trackerConfigSchema } from '../index.js';
import type { TrackerCollections } from '../ports/collections.js';
import { openCollections } from '../store/open-collections.js';
import { Retention } from './retention.js';
import type { TrackerContext } from './tracker-context.js';

const DAY_MS = 86_400_000;
const CONFIG = trackerConfigSchema.parse({ retention: { allocationsMs: DAY_MS } });
const ACTOR = { name: 'ann', kind: 'caller' } as const;

async function openStore(t: ExecutionContext) {
  const clock = fakeClock();
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  return { clock, store, collections: await openCollections(store) };
}

/** Failed intents that ended one after another at a time. */
async function addFailed(
  { allocations }: TrackerCollections,
  count: number,
  nowMs: number,
  group?: string,
): Promise<void> {
  const documents = Array.from({ length: count }, (_, i) => {
    const spec = { kind: 'vm', owner: 'ann', labels: [], attributes: [], protected: false };
    const id = `al-${group ?? 'alone'}-${String(i)}`;
    const intent = newIntent({ id, spec: { ...spec, ...(group && { group }) }, timeoutMs: 1000 }, ACTOR, nowMs);
    return fail('no room')(intent, ACTOR, nowMs + i) ?? intent;
  });
  await allocations.insert(documents);
}

test('a backlog is worked off in parts, also behind what has to stay', async (t) => {
  const { clock, collections } = await openStore(t);
  await collections.groups.insert([
    { id: 'gr-1', owner: 'ann', description: '', state: 'OPEN', createMs: clock.now() },
  ]);
  // More than one run looks at, and kept by their group; and behind them as many that may go.
  await addFailed(collections, 2500, clock.now(), 'gr-1');
  await addFailed(collections, 2500, clock.now() + 5000);
  clock.advance(2 * DAY_MS);
  const logger = pino({ level: 'silent' });
  const context = { collections, clock, settings: CONFIG, logger } as unknown as TrackerContext;
  const retention = new Retention();
  const left: number[] = [];
  for (let run = 0; run < 4; run += 1) {
    await retention.run(context, new AbortController().signal);
    left.push(await collections.allocations.count());
  }
  t.deepEqual(left, [5000, 3500, 2500, 2500]);
  await retention.run(context, AbortSignal.abort());
  t.is(await collections.allocations.count(), 2500);
});

test('only the replica that looks for leaks forgets', async (t) => {
  const { clock, store, collections } = await openStore(t);
  await addFailed(collections, 1, clock.now());
  clock.advance(2 * DAY_MS);
  let looks = 0;
  const replica = (elected: boolean) =>
    createTrackerService(CONFIG, {
      store,
      clock,
      locks: elected ? inProcessLocks() : { acquire: () => Promise.resolve(undefined), close: () => Promise.resolve() },
      logger: pino({ level: 'silent' }),
      failpoint: () => undefined,
      storeWorks: () => (looks += 1),
    });
  const [other, elected] = [replica(false), replica(true)];
  t.teardown(() => Promise.all([other.stop(), elected.stop()]));
  await other.start();
  other.startSweeping();
  await until(
    () => {
      clock.advance(CONFIG.sweepMs);
      return looks >= 3;
    },
    { what: 'some looks of the one that is not elected' },
  );
  t.is(await collections.allocations.count(), 1);
  await elected.start();
  elected.startSweeping();
  await until(async () => (await collections.allocations.count()) === 0, { what: 'the elected one to forget' });
});
