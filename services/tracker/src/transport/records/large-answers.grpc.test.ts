import { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import { ordinaryClient } from '../ordinary-client.fixture.js';
import type { Records } from '../tracker-server.fixture.js';
import { startTracker } from '../tracker-server.fixture.js';

const COUNT = 100;

/** As large as a record may be: 16,384 characters. */
function fieldsOf(n: number): Record<string, unknown> {
  return { hostname: `m${String(n)}`, tags: Array.from({ length: 15 }, () => '測'.repeat(1000)) };
}

onEachEngine(test, (engine, title) => {
  test(title('every call about records answers in messages that clients take, with the most data'), async (t) => {
    const { address } = await startTracker(t, engine);
    const called = new Set<string>();
    const records = ordinaryClient(t, address, RecordServiceDefinition, called) as Records;
    const kind = 'machines';
    const batch = { kind, records: Array.from({ length: COUNT }, (_, n) => ({ fields: fieldsOf(n) })) };
    const { records: made } = await records.batchCreateRecords(batch);
    t.is(made.length, COUNT);
    t.deepEqual([made[0]?.fields?.['hostname'], made[0]?.fieldsLeftOut], ['m0', false]);
    t.like(made.at(-1), { fields: undefined, fieldsLeftOut: true });
    t.is(new Set(made.map(({ id }) => id)).size, COUNT);

    const listed: string[] = [];
    for (let pageToken = ''; ;) {
      const page = await records.listRecords({ kind, pageSize: 1000, pageToken });
      listed.push(...page.records.map(({ id }) => id));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    t.deepEqual(
      listed,
      made.map(({ id }) => id),
    );
    const claimed = await records.claimRecords({ kind, count: COUNT, owner: 'ann' });
    t.is(claimed.records.length, COUNT);
    t.like(claimed.records.at(-1), { claimedBy: 'ann', fieldsLeftOut: true });
    t.is((await records.releaseRecords({ kind, names: listed })).released, COUNT);
    let changes = 0;
    for (let pageToken = ''; ;) {
      const page = await records.listChanges({ kind, pageSize: 1000, pageToken });
      changes += page.changes.length;
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    t.is(changes, 3 * COUNT);

    await records.createRecord({ record: { kind, fields: fieldsOf(COUNT) } });
    const { record } = await records.getRecord({ kind, name: 'm1' });
    const changed = { kind, name: 'm1', record: { etag: record?.etag ?? '', fields: { owner: 'x' } } };
    const { record: updated } = await records.updateRecord(changed);
    await records.deleteRecord({ kind, name: 'm1', etag: updated?.etag ?? '' });
    await records.undeleteRecord({ kind, name: 'm1' });
    const range = { kind: 'address-ranges', fields: { name: 'lab', range: '2001:db8:ffff:ffff:ffff:ffff:ffff::/112' } };
    await records.createRecord({ record: range });
    const addresses = await records.claimAddresses({ range: 'lab', count: 1000, owner: '測'.repeat(128) });
    t.is(addresses.records.length, 1000);
    t.false(addresses.records.some(({ fieldsLeftOut }) => fieldsLeftOut));
    const { kinds } = await records.listKinds({});
    t.truthy((await records.describeKind({ kind: kinds[0]?.name ?? '' })).kind);
    const all = Object.values(RecordServiceDefinition.methods).map(({ name }) => name);
    t.deepEqual([...called].sort(), all.sort());
  });
});
