import { openSqliteCollectionStore } from '@berth/storage';
import { fakeClock } from '@berth/testkit';
import test from 'ava';
import { pino } from 'pino';
import { newIntent } from '../domain/index.js';
import { openCollections } from '../store/open-collections.js';
import { lastSweepMs } from './leaks.js';
import { sweep } from './sweep.js';
import type { TrackerContext } from './tracker-context.js';

test('a sweep that is stopped lists nothing, and is not told of as one', async (t) => {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  t.teardown(() => store.close());
  const collections = await openCollections(store);
  const clock = fakeClock();
  const spec = { kind: 'vm', owner: 'ann', labels: [], attributes: [], protected: false };
  const intent = newIntent({ id: 'al-1', spec, timeoutMs: 1000 }, { name: 'ann', kind: 'caller' }, clock.now());
  await collections.allocations.insert([intent]);
  clock.advance(2000);
  const context = { collections, clock, logger: pino({ level: 'silent' }) } as unknown as TrackerContext;
  await sweep(context, AbortSignal.abort());
  t.is(await lastSweepMs(context), undefined);
  t.is(await collections.leaks.count(), 0);
  await sweep(context, new AbortController().signal);
  t.is(await lastSweepMs(context), clock.now());
  t.is(await collections.leaks.count(), 1);
});
