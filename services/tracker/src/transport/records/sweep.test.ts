import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import { startTracker } from '../tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  test(title('what calls leave behind is tidied up, and nothing that anybody sees changes'), async (t) => {
    const { records, clock, store } = await startTracker(t, engine);
    const batch = Array.from({ length: 5 }, (_, n) => ({ fields: { hostname: `m${n}` } }));
    await records.batchCreateRecords({ kind: 'machines', records: batch });
    await records.claimRecords({ kind: 'machines', count: 3, owner: 'bob' });
    await records.createRecord({ record: { kind: 'machines', fields: { hostname: 'm5' } } });
    const list = async () => (await records.listRecords({ kind: 'machines' })).records;
    const changes = async () => (await records.listChanges({ kind: 'machines' })).changes;
    const before = [await list(), await changes()];

    const collections = await openRecordCollections(store);
    t.is(await collections.requests.count(), 3);
    clock.jump(25 * 3_600_000);
    await until(
      async () => {
        clock.advance(10_000);
        return (await collections.requests.count()) === 0;
      },
      { what: 'the sweep' },
    );
    t.deepEqual([await list(), await changes()], before);
  });
});
