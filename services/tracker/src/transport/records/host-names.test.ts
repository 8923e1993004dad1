import type { Logger } from '@berth/kernel';
import type { CollectionStore } from '@berth/storage';
import { openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import { fakeClock, mongoDatabase, onEachEngine, tempFolder } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import { refused, startTracker } from '../tracker-server.fixture.js';
import type { ServedRecords } from './record-server.fixture.js';
import { serveRecords } from './record-server.fixture.js';

const clock = fakeClock();

/** Opens the same store at each call, as a process does that starts again. */
function sameStore(t: ExecutionContext, engine: DocumentEngine): () => Promise<CollectionStore> {
  if (engine === 'sqlite') {
    const dir = tempFolder(t);
    return () => openSqliteCollectionStore({ dir });
  }
  const place = mongoDatabase(t);
  return () => openMongoCollectionStore({ ...place, answerWithinMs: 60_000, selectWithinMs: 30_000 });
}

/** Makes a store as the version before wrote it: host names as written, addresses unique in their kind only. */
async function writeBefore(store: CollectionStore, written: readonly (readonly [string, string, string])[]) {
  const { records, layouts } = await openRecordCollections(store);
  for (const [kind, field, type] of [
    ['machines', 'hostname', 'STRING'],
    ['private-addresses', 'address', 'ADDRESS'],
    ['public-addresses', 'address', 'ADDRESS'],
  ] as const) {
    await layouts.insert([{ id: kind, fields: { [field]: { type, unique: true, slot: 0 } } }]);
  }
  for (const [id, kind, value] of written) {
    const field = kind === 'machines' ? 'hostname' : 'address';
    // The key of the one address of this test.
    const key = kind === 'machines' ? value : '40a000001';
    const body = { fields: { [field]: value }, version: 1, createdMs: 1, updatedMs: 1 };
    const uniques = [`${kind}/${field}/${key}`];
    await records.insert([{ id, kind, created: id, body, shelf: kind, slots: { s0: key }, uniques, free: kind }]);
  }
}

interface Started extends ServedRecords {
  readonly warnings: readonly object[];
}

async function start(store: CollectionStore): Promise<Started> {
  const warnings: object[] = [];
  const logger: Logger = {
    info: () => undefined,
    warn: (context) => void warnings.push(context),
    error: () => undefined,
  };
  return { ...(await serveRecords(store, { clock, logger })), warnings };
}

onEachEngine(test, (engine, title) => {
  test(title('a host name is the same in upper and lower case, and is shown as it was written'), async (t) => {
    const { records } = await startTracker(t, engine);
    const create = (hostname: string) => records.createRecord({ record: { kind: 'machines', fields: { hostname } } });
    const { record } = await create('DUT-7');
    const error = await refused(t, create('dut-7'));
    t.is(error.reason, 'RECORD_EXISTS');
    t.regex(error.message, /"DUT-7" is that of record/);
    const batch = records.batchCreateRecords({
      kind: 'machines',
      records: [{ fields: { hostname: 'x1' } }, { fields: { hostname: 'X1' } }],
    });
    t.is((await refused(t, batch)).reason, 'RECORD_INVALID');
    for (const name of ['DUT-7', 'dut-7', 'Dut-7']) {
      const found = (await records.getRecord({ kind: 'machines', name })).record;
      t.is(found?.fields?.['hostname'], 'DUT-7');
    }
    for (const condition of [
      { $case: 'equals', value: 'dut-7' },
      { $case: 'prefix', value: 'dUT' },
    ] as const) {
      const listed = await records.listRecords({ kind: 'machines', filters: [{ field: 'hostname', condition }] });
      t.is(listed.records.length, 1);
    }
    const etag = record?.etag ?? '';
    const update = { kind: 'machines', name: 'dut-7', record: { fields: { hostname: 'dut-7' }, etag } };
    t.is((await records.updateRecord(update)).record?.fields?.['hostname'], 'dut-7');
    const { kind } = await records.describeKind({ kind: 'machines' });
    t.deepEqual(
      kind?.fields.flatMap(({ name, ignoreCase }) => (ignoreCase ? name : [])),
      ['hostname'],
    );
  });

  test(
    title('a store that the version before wrote is read, and its host names are compared without case'),
    async (t) => {
      const open = sameStore(t, engine);
      const store = await open();
      await writeBefore(store, [
        ['rec-a', 'machines', 'DUT-7'],
        ['rec-b', 'machines', 'm1'],
        ['rec-c', 'private-addresses', '10.0.0.1'],
      ]);
      const served = await start(store);
      t.teardown(() => served.stop());
      const { records, warnings } = served;
      t.is((await records.getRecord({ kind: 'machines', name: 'dut-7' })).record?.id, 'rec-a');
      const create = (kind: string, fields: object) => records.createRecord({ record: { kind, fields } });
      t.is((await refused(t, create('machines', { hostname: 'dut-7' }))).reason, 'RECORD_EXISTS');
      t.is((await refused(t, create('machines', { hostname: 'M1' }))).reason, 'RECORD_EXISTS');
      t.is((await refused(t, create('public-addresses', { address: '10.0.0.1' }))).reason, 'RECORD_EXISTS');
      t.deepEqual(warnings, []);
    },
  );

  test(title('two stored records that are the same by now both stay, and are told at each start'), async (t) => {
    const open = sameStore(t, engine);
    const before = await open();
    await writeBefore(before, [
      ['rec-a', 'machines', 'dut-7'],
      ['rec-b', 'machines', 'DUT-7'],
      ['rec-c', 'private-addresses', '10.0.0.1'],
      ['rec-d', 'public-addresses', '10.0.0.1'],
    ]);
    const first = await start(before);
    const names = async ({ records }: ServedRecords, kind: string, name: string) =>
      (await records.getRecord({ kind, name })).record;
    t.is((await names(first, 'machines', 'dut-7'))?.id, 'rec-a');
    t.is((await names(first, 'machines', 'DUT-7'))?.id, 'rec-b');
    t.is((await names(first, 'private-addresses', '10.0.0.1'))?.id, 'rec-c');
    t.is((await names(first, 'public-addresses', '10.0.0.1'))?.id, 'rec-d');
    const claimed = await first.records.claimRecords({ kind: 'machines', count: 2, owner: 'bob' });
    t.deepEqual(new Set(claimed.records.map(({ id }) => id)), new Set(['rec-a', 'rec-b']));
    await first.records.releaseRecords({ kind: 'machines', names: ['dut-7', 'DUT-7'] });
    const { etag = '' } = (await names(first, 'machines', 'DUT-7')) ?? {};
    const owned = { kind: 'machines', name: 'DUT-7', record: { fields: { owner: 'ann' }, etag } };
    t.is((await first.records.updateRecord(owned)).record?.id, 'rec-b');
    const same = [
      { kind: 'machines', field: 'hostname', record: 'rec-b', existing: 'rec-a' },
      { kind: 'private-addresses', field: 'address', record: 'rec-c', existing: 'rec-d' },
    ];
    t.deepEqual(first.warnings, same);
    await first.stop();

    const second = await start(await open());
    t.deepEqual(second.warnings, same);
    const { etag: now = '' } = (await names(second, 'machines', 'DUT-7')) ?? {};
    const renamed = { kind: 'machines', name: 'DUT-7', record: { fields: { hostname: 'DUT-8' }, etag: now } };
    await second.records.updateRecord(renamed);
    await second.records.deleteRecord({
      kind: 'public-addresses',
      name: 'rec-d',
      etag: (await names(second, 'public-addresses', 'rec-d'))?.etag ?? '',
    });
    await second.stop();

    const third = await start(await open());
    t.teardown(() => third.stop());
    t.deepEqual(third.warnings, []);
    t.is((await names(third, 'machines', 'dut-8'))?.id, 'rec-b');
    t.is((await names(third, 'machines', 'Dut-7'))?.id, 'rec-a');
  });
});
