import type { DocumentEngine } from '@berth/testkit';
import { fakeClock, mongoDatabase, onEachEngine, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { RecordBody } from '../../domain/records/index.js';
import type { ChangeDocument, RecordCollections, RecordDocument, Stored } from '../../ports/record-collections.js';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import type { Records } from '../tracker-server.fixture.js';
import { refused } from '../tracker-server.fixture.js';
import type { Place, ServedRecords } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

const kind = 'machines';

function newPlace(t: ExecutionContext, engine: DocumentEngine): Place {
  if (engine === 'mongo') return mongoDatabase(t);
  return { dir: tempFolder(t) };
}

async function serve(place: Place): Promise<ServedRecords> {
  const clock = fakeClock();
  return serveRecords(await openPlace(place), { clock });
}

/** What an earlier version stored of a request: the status of a change of several records, or the one record it was about. */
type EarlierRequest =
  | { readonly status: 'open' | 'undone'; readonly attempt: number }
  | { readonly status: 'committed'; readonly attempt: number }
  | { readonly status: 'single'; readonly recordId: string };

/** The documents, to be put into the form in which an earlier version left them. */
class Earlier {
  constructor(readonly collections: RecordCollections) {}

  async named(hostname: string): Promise<Stored<RecordDocument>> {
    const { documents } = await this.collections.records.find({ where: { shelf: kind }, limit: 100 });
    const deleted = await this.collections.records.find({ where: { shelf: `${kind}/deleted` }, limit: 100 });
    const found = [...documents, ...deleted.documents].find(({ value }) => value.body.fields['hostname'] === hostname);
    if (found === undefined) throw new Error(`there is no ${hostname}`);
    return found;
  }

  /** Takes a record's last change out of the history, and puts it into the record. */
  async unlog(hostname: string, more: object = {}): Promise<ChangeDocument> {
    const { value, revision } = await this.named(hostname);
    const { documents } = await this.collections.changes.find({
      where: { recordId: value.id },
      orderBy: { field: 'order', descending: true },
      limit: 1,
    });
    const last = documents[0]?.value;
    if (last === undefined) throw new Error(`${hostname} has no change`);
    await this.collections.changes.remove(last.id);
    const { free: _free, purgeMs: _purge, ...plain } = value;
    const document = { ...('hold' in more ? plain : value), last, chore: kind, choreMs: 1, ...more };
    await this.collections.records.replace(document, revision);
    return last;
  }

  /** Makes a record one that is held, with its last change by a transaction. */
  async hold(hostname: string, transaction: string): Promise<ChangeDocument> {
    const { value } = await this.named(hostname);
    const { documents } = await this.collections.changes.find({
      where: { recordId: value.id },
      orderBy: { field: 'order', descending: true },
      limit: 1,
    });
    const before: RecordBody | undefined = documents[0]?.value.before;
    const uniques = { uniques: [`${kind}/hostname/${hostname}`] };
    return this.unlog(hostname, { hold: { transaction, ...(before && { before }) }, shelf: kind, ...uniques });
  }

  /** Puts the document of a request into its earlier form; answers its id. */
  async request(requestId: string, earlier: EarlierRequest): Promise<string> {
    const { documents } = await this.collections.requests.find({ limit: 100 });
    const found = documents.find(({ value }) => value.request?.id === requestId);
    if (found === undefined) throw new Error(`there is no request ${requestId}`);
    const { changes, ...value } = found.value;
    const document = { ...value, ...earlier, ...(earlier.status === 'committed' && { changes }) };
    await this.collections.requests.replace(document as never, found.revision);
    return value.id;
  }
}

async function asEarlier(place: Place, work: (earlier: Earlier) => Promise<unknown>): Promise<void> {
  const store = await openPlace(place);
  await work(new Earlier(await openRecordCollections(store)));
  await store.close();
}

async function names(records: Records): Promise<string[]> {
  const page = await records.listRecords({ kind });
  return page.records.map(({ fields }) => String(fields?.['hostname'])).toSorted();
}

async function actions(records: Records): Promise<string[]> {
  return (await records.listChanges({ kind, pageSize: 100 })).changes.map(({ action }) => action);
}

function batch(requestId: string, ...hostnames: string[]) {
  return { kind, records: hostnames.map((hostname) => ({ fields: { hostname } })), requestId };
}

onEachEngine(test, (engine, title) => {
  test(title('what an earlier version committed and left to be done is done at the start'), async (t) => {
    const place = newPlace(t, engine);
    const first = await serve(place);
    const made = await first.records.batchCreateRecords(batch('r1', 'm1', 'm2', 'm3'));
    const claimed = await first.records.claimRecords({ kind, count: 2, owner: 'bob', requestId: 'r2' });
    await first.stop();
    await asEarlier(place, async (earlier) => {
      const adding = await earlier.request('r1', { status: 'committed', attempt: 2 });
      const claiming = await earlier.request('r2', { status: 'committed', attempt: 1 });
      await earlier.hold('m3', `${adding}#2`);
      await earlier.hold('m1', `${claiming}#1`);
      // The process died when it had logged this one, and had not ended its hold.
      const logged = await earlier.hold('m2', `${claiming}#1`);
      await earlier.collections.changes.insert([logged]);
    });
    const served = await serve(place);
    t.teardown(() => served.stop());
    const { records } = served;
    t.deepEqual(await names(records), ['m1', 'm2', 'm3']);
    t.deepEqual((await actions(records)).toSorted(), ['claim', 'claim', 'create', 'create', 'create']);
    t.is((await records.getRecord({ kind, name: 'm1' })).record?.claimedBy, 'bob');
    t.deepEqual(await records.batchCreateRecords(batch('r1', 'm1', 'm2', 'm3')), made);
    t.deepEqual(await records.claimRecords({ kind, count: 2, owner: 'bob', requestId: 'r2' }), claimed);
    t.is((await records.claimRecords({ kind, owner: 'eve' })).records[0]?.fields?.['hostname'], 'm3');
  });

  test(title('what an earlier version left open is undone at the start, and its repeat does it'), async (t) => {
    const place = newPlace(t, engine);
    const first = await serve(place);
    await first.records.batchCreateRecords(batch('r0', 'm1', 'm2'));
    await first.records.claimRecords({ kind, owner: 'bob', requestId: 'r1' });
    const { record } = await first.records.getRecord({ kind, name: 'm2' });
    const deletion = { kind, name: 'm2', etag: record?.etag ?? '', requestId: 'r2' };
    await first.records.deleteRecord(deletion);
    await first.records.batchCreateRecords(batch('r3', 'm3'));
    await first.records.batchCreateRecords(batch('r4', 'm4'));
    await first.stop();
    await asEarlier(place, async (earlier) => {
      await earlier.hold('m1', `${await earlier.request('r1', { status: 'open', attempt: 1 })}#1`);
      await earlier.hold('m2', `${await earlier.request('r2', { status: 'undone', attempt: 1 })}#1`);
      await earlier.hold('m3', `${await earlier.request('r3', { status: 'open', attempt: 3 })}#2`);
      await earlier.hold('m4', 'rt-long-gone#1');
    });
    const served = await serve(place);
    t.teardown(() => served.stop());
    const { records } = served;
    t.deepEqual(await names(records), ['m1', 'm2']);
    t.deepEqual(await actions(records), ['create', 'create']);
    t.is((await records.getRecord({ kind, name: 'm1' })).record?.claimedBy, '');
    const m2 = records.createRecord({ record: { kind, fields: { hostname: 'm2' } } });
    t.is((await refused(t, m2)).reason, 'RECORD_EXISTS');
    t.is((await refused(t, records.claimRecords({ kind, owner: 'eve', requestId: 'r1' }))).reason, 'REQUEST_ID_REUSED');
    t.is((await records.claimRecords({ kind, owner: 'bob', requestId: 'r1' })).records.length, 1);
    t.is((await records.deleteRecord(deletion)).record?.id, record?.id);
    await records.batchCreateRecords(batch('r3', 'm3'));
    await records.batchCreateRecords(batch('r9', 'm4'));
    t.deepEqual(await names(records), ['m1', 'm3', 'm4']);
  });

  test(
    title('a call of an earlier version that was bound to its record is answered, or done by its repeat'),
    async (t) => {
      const place = newPlace(t, engine);
      const first = await serve(place);
      const create = (hostname: string, requestId: string) =>
        first.records.createRecord({ record: { kind, fields: { hostname } }, requestId });
      const { record } = await create('m1', 'r1');
      const rename = (requestId: string, hostname: string) => ({
        kind,
        name: 'm1',
        record: { fields: { hostname }, etag: record?.etag ?? '' },
        requestId,
      });
      const renamed = await first.records.updateRecord(rename('r2', 'm9'));
      const { record: other } = await create('m2', 'r3');
      await first.stop();
      await asEarlier(place, async (earlier) => {
        await earlier.request('r1', { status: 'single', recordId: record?.id ?? '' });
        await earlier.request('r2', { status: 'single', recordId: record?.id ?? '' });
        await earlier.unlog('m9');
        // Of this one only the id was bound.
        await earlier.request('r3', { status: 'single', recordId: other?.id ?? '' });
        await earlier.unlog('m2');
        await earlier.collections.records.remove(other?.id ?? '');
      });
      const served = await serve(place);
      t.teardown(() => served.stop());
      const { records } = served;
      t.deepEqual(await actions(records), ['update', 'create']);
      t.deepEqual(await records.updateRecord(rename('r2', 'm9')), renamed);
      const again = (hostname: string, requestId: string) =>
        records.createRecord({ record: { kind, fields: { hostname } }, requestId });
      t.deepEqual((await again('m1', 'r1')).record, record);
      t.is((await refused(t, again('m3', 'r3'))).reason, 'REQUEST_ID_REUSED');
      t.is((await again('m2', 'r3')).record?.fields?.['hostname'], 'm2');
      t.deepEqual(await names(records), ['m2', 'm9']);
      t.deepEqual((await actions(records)).toSorted(), ['create', 'create', 'update']);
    },
  );
});
