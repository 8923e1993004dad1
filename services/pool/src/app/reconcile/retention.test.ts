import { openSqliteCollectionStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import test from 'ava';
import { newResource } from '../../domain/life.js';
import { DEFAULT_OPTIONS } from '../../domain/options/options.js';
import type { Resource } from '../../domain/resource.js';
import { openLogs } from '../../store/open-logs.js';
import { openPools } from '../../store/open-pools.js';
import { RunLogs } from '../run-logs.js';
import type { Office } from './reconcile-context.js';
import { retain } from './retention.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function resource(number: number, changes: Partial<Resource>): Resource {
  const options = { ...DEFAULT_OPTIONS, name: 'p', commands: { new: 'n', delete: 'd' } };
  const numbers = { number, name: `p_${number}`, idInPool: number, counters: {} };
  const { untold: _, ...made } = newResource({ options, ...numbers, run: 'r', host: 'here' }, 0);
  return { ...made, ...changes };
}

test('resources that ended, logs and answers are kept for their time, and looked at every hour', async (t) => {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const collections = await openPools(store);
  const { resources, deletions } = collections;
  const clock = fakeClock();
  const logs = new RunLogs(await openLogs(store), clock, SILENT);
  const oldMs = clock.now();
  const log = async (number: number) => {
    await logs.begin({ number, pool: 'p', hook: 'new', attempt: 0 }, 1024).end({ code: 0, fault: '' });
  };
  await log(1);
  const deletion = { fingerprint: 'f', numbers: [1] };
  await deletions.insert([{ id: 'old', ...deletion, timeMs: oldMs }]);
  clock.advance(10 * HOUR_MS);
  await log(2);
  await deletions.insert([{ id: 'recent', ...deletion, timeMs: clock.now() }]);
  await resources.insert([
    resource(1, { state: 'ENDED', endMs: oldMs }),
    resource(2, { state: 'ENDED', endMs: clock.now() }),
    // The tracker does not know of its end yet.
    resource(3, { state: 'ENDED', endMs: oldMs, untold: 1 }),
    resource(4, { state: 'DELETE_FAILED' }),
    resource(5, { state: 'UP' }),
  ]);
  clock.advance(30 * DAY_MS - 10 * HOUR_MS - 1);
  const over = new AbortController();
  const context = { collections, clock, logs, keepMs: 30 * DAY_MS, requestIdTtlMs: 30 * DAY_MS };
  const office = { context, signal: over.signal } as unknown as Office;
  const retaining = retain(office);
  const kept = async () => {
    const ids = (await resources.find({ limit: 10 })).documents.map(({ value }) => value.number);
    const answers = (await deletions.find({ limit: 10 })).documents.map(({ value }) => value.id);
    return [ids, answers, (await logs.runsOf(1)).length, (await logs.runsOf(2)).length];
  };
  t.deepEqual(await kept(), [[1, 2, 3, 4, 5], ['old', 'recent'], 1, 1], 'it is too soon for all');
  const gone = [[2, 3, 4, 5], ['recent'], 0, 1];
  // Until it waits for the next look the clock may have moved on in vain.
  const isGone = async () => {
    if (clock.now() < oldMs + 30 * DAY_MS + 5 * HOUR_MS) clock.advance(HOUR_MS / 4);
    return JSON.stringify(await kept()) === JSON.stringify(gone);
  };
  await until(isGone, { what: JSON.stringify(gone) });
  over.abort();
  await retaining;
});
