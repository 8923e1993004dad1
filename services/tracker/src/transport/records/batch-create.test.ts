import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import { refused, startTracker } from '../tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  test(title('a batch with faults adds nothing, and names those of each record'), async (t) => {
    const { records } = await startTracker(t, engine);
    const batch = [{ hostname: 'm1' }, { hostname: 'm2', state: 'odd' }, {}, { hostname: 'm1' }];
    const error = await refused(
      t,
      records.batchCreateRecords({ kind: 'machines', records: batch.map((fields) => ({ fields })) }),
    );
    t.is(error.reason, 'RECORD_INVALID');
    t.deepEqual(
      error.details.fields?.map(({ field }) => field),
      ['records[1].fields.state', 'records[2].fields.hostname', 'records[3].fields.hostname'],
    );
    t.deepEqual((await records.listRecords({ kind: 'machines' })).records, []);
  });

  test(title('a batch of which some are there already adds nothing, and names all of those'), async (t) => {
    const { records } = await startTracker(t, engine);
    for (const hostname of ['m3', 'm7'])
      await records.createRecord({ record: { kind: 'machines', fields: { hostname } } });
    const batch = Array.from({ length: 10 }, (_, n) => ({ fields: { hostname: `m${n}` } }));
    const error = await refused(t, records.batchCreateRecords({ kind: 'machines', records: batch }));
    t.is(error.reason, 'RECORD_EXISTS');
    t.deepEqual(
      error.details.fields?.map(({ field }) => field),
      ['records[3].fields.hostname', 'records[7].fields.hostname'],
    );
    t.is((await records.listRecords({ kind: 'machines' })).records.length, 2);
    t.is((await records.listChanges({ kind: 'machines' })).changes.length, 2);
  });

  test(title('of two batches at once that overlap exactly one is added'), async (t) => {
    const { records } = await startTracker(t, engine);
    const batch = (from: number) =>
      records.batchCreateRecords({
        kind: 'machines',
        records: Array.from({ length: 20 }, (_, n) => ({ fields: { hostname: `m${from + n}` } })),
      });
    const outcomes = await Promise.allSettled([batch(0), batch(10)]);
    t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    t.is((await records.listRecords({ kind: 'machines' })).records.length, 20);
  });

  test(title('a rehearsed batch adds nothing'), async (t) => {
    const { records } = await startTracker(t, engine);
    const batch = { kind: 'machines', records: [{ fields: { hostname: 'm1' } }], requestId: 'r1' };
    const rehearsed = await records.batchCreateRecords({ ...batch, validateOnly: true });
    t.deepEqual(rehearsed.records[0]?.fields, { hostname: 'm1' });
    t.deepEqual((await records.listRecords({ kind: 'machines' })).records, []);
    t.is((await records.batchCreateRecords(batch)).records.length, 1);
  });
});
