import { fakeClock, tempFolder } from '@berth/testkit';
import type { Counter, Histogram, Label, Metrics } from '@berth/kernel';
import { BerthError, byLabel, noMetrics } from '@berth/kernel';
import test from 'ava';
import { openSqliteCollectionStore } from '../sqlite/sqlite-collection-store.js';
import { measuredCollectionStore } from './measured-collection-store.js';

interface Thing {
  readonly id: string;
  readonly size: number;
}

/** Metrics that keep what they are given, by name and label. */
function keptMetrics(): { readonly metrics: Metrics; readonly kept: Map<string, number> } {
  const kept = new Map<string, number>();
  const counter = (name: string): Counter => ({
    add: (count = 1) => {
      kept.set(name, (kept.get(name) ?? 0) + count);
    },
  });
  const histograms = <V extends string>(name: string, _help: string, _buckets: readonly number[], label: Label<V>) =>
    byLabel<V, Histogram>(label, (value) => ({ observe: () => counter(`${name} ${value}`).add() }));
  return { metrics: { ...noMetrics(), counter, histograms }, kept };
}

test('reads, writes and conflicts of documents are counted, and the store does what it did', async (t) => {
  const { metrics, kept } = keptMetrics();
  const store = measuredCollectionStore(await openSqliteCollectionStore({ dir: tempFolder(t) }), metrics, fakeClock());
  t.teardown(() => store.close());
  const spec = { name: 'things', indexes: [{ name: 'size', fields: ['size'] }] };
  const things = await store.collection<Thing>(spec);
  t.is(await store.collection<Thing>(spec), things, 'the same object for the same name');
  const [inserted] = await things.insert([{ id: 'a', size: 1 }]);
  t.is(inserted?.outcome, 'inserted');
  const stored = await things.get('a');
  t.deepEqual(stored?.value, { id: 'a', size: 1 });
  t.is((await things.replace({ id: 'a', size: 2 }, stored?.revision ?? '')).outcome, 'replaced');
  t.is((await things.replace({ id: 'a', size: 3 }, stored?.revision ?? '')).outcome, 'stale');
  const again = [{ document: { id: 'a', size: 4 }, expected: stored?.revision ?? '' }];
  t.like(await things.replaceMany(again), [{ outcome: 'stale' }]);
  t.is(await things.remove('a', stored?.revision ?? ''), 'stale');
  const replace = { collection: 'things', replace: { id: 'a', size: 5 }, expected: stored?.revision ?? '' };
  t.like(await store.writeAll([replace]), { outcome: 'stale' });
  t.is((await things.find({ where: { size: 2 }, limit: 10 })).documents.length, 1);
  t.is(await things.count(), 1);
  t.is((await things.getMany(['a', 'b'])).length, 1);
  t.deepEqual(Object.fromEntries(kept), {
    'berth_documents_duration_seconds write': 6,
    'berth_documents_duration_seconds read': 4,
    berth_documents_conflicts_total: 4,
  });
});

test('a store that does not answer is counted, and its error passed on', async (t) => {
  const { metrics, kept } = keptMetrics();
  const real = await openSqliteCollectionStore({ dir: tempFolder(t) });
  t.teardown(() => real.close());
  const away = new BerthError('STORE_UNAVAILABLE', 'away');
  const failing = {
    ...real,
    engine: real.engine,
    writeAll: () => Promise.reject(away),
    collection: real.collection.bind(real),
  };
  const store = measuredCollectionStore(
    { ...failing, ping: () => real.ping(), close: () => real.close() },
    metrics,
    fakeClock(),
  );
  t.is(await t.throwsAsync(store.writeAll([])), away);
  t.is(kept.get('berth_documents_failures_total'), 1);
});
