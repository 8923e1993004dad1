import { join } from 'node:path';
import type { SharedMongo } from '@berth/testkit';
import { fakeClock, requireMongo, someMongo, sourceProcess, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { refused } from '../tracker-server.fixture.js';
import type { Place, ServedRecords } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

const CHILD = join(import.meta.dirname, 'record-child.fixture.ts');
const MACHINES = 600;
const BATCH = {
  kind: 'machines',
  records: Array.from({ length: MACHINES }, (_, n) => ({ fields: { hostname: `m${n}` } })),
  requestId: 'batch-1',
};

/** Runs a call in a process that kills itself (SIGKILL) at a failpoint. */
async function dieAt(t: ExecutionContext, place: Place, point: string, deed: string, request: object): Promise<void> {
  const env = { NODE_OPTIONS: '', BERTH_FAILPOINT: `${point}:exit` };
  const child = sourceProcess(t, CHILD, [JSON.stringify(place), deed, JSON.stringify(request)], env);
  t.is(await child.ended, 'SIGKILL', `${point}: ${child.err()}`);
}

async function serve(place: Place, laterMs: number): Promise<ServedRecords> {
  const clock = fakeClock();
  clock.jump(laterMs);
  return serveRecords(await openPlace(place), { clock });
}

/** The inventory as it is after the crash, so much later. */
async function restart(t: ExecutionContext, place: Place, laterMs: number): Promise<ServedRecords> {
  const served = await serve(place, laterMs);
  t.teardown(() => served.stop());
  return served;
}

async function all(records: ServedRecords['records']): Promise<string[]> {
  const names: string[] = [];
  let pageToken = '';
  do {
    const page = await records.listRecords({ kind: 'machines', pageSize: 1000, pageToken });
    names.push(...page.records.map(({ fields }) => String(fields?.['hostname'])));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return names;
}

async function changesOf(records: ServedRecords['records'], action: string): Promise<number> {
  let count = 0;
  let pageToken = '';
  do {
    const page = await records.listChanges({ kind: 'machines', pageSize: 1000, pageToken });
    count += page.changes.filter((change) => change.action === action).length;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return count;
}

/** Where records are kept, for one test. */
type NewPlace = (t: ExecutionContext) => Place;

function testCrashes(engine: string, newPlace: NewPlace): void {
  for (const [point, there] of [
    ['tracker.beforeCommit', 0],
    ['tracker.afterCommit', MACHINES],
  ] as const) {
    test(`${engine}: a batch whose process dies at ${point} is wholly there or not, and its repeat adds nothing twice`, async (t) => {
      const place = newPlace(t);
      await dieAt(t, place, point, 'batchCreateRecords', BATCH);
      const { records } = await restart(t, place, 11_000);
      t.is((await all(records)).length, there);
      t.is(await changesOf(records, 'create'), there);
      const { records: made } = await records.batchCreateRecords(BATCH);
      t.is(made.length, MACHINES);
      t.deepEqual(
        made.map(({ fields }) => String(fields?.['hostname'])),
        await all(records),
      );
      t.is(await changesOf(records, 'create'), MACHINES);
      t.deepEqual((await records.batchCreateRecords(BATCH)).records, made);
    });
  }

  test(`${engine}: a change whose process dies before it answers is told, and its repeat does nothing`, async (t) => {
    const place = newPlace(t);
    const create = { record: { kind: 'machines', fields: { hostname: 'm1' } }, requestId: 'create-1' };
    await dieAt(t, place, 'tracker.afterCommit', 'createRecord', create);
    const { records } = await restart(t, place, 0);
    t.is(await changesOf(records, 'create'), 1);
    const { record } = await records.createRecord(create);
    t.deepEqual((await records.listRecords({ kind: 'machines' })).records, [record!]);
    t.is(await changesOf(records, 'create'), 1);
  });

  test(`${engine}: a change whose process dies before it answers stays in the history when the record changes again`, async (t) => {
    const place = newPlace(t);
    const create = { record: { kind: 'machines', fields: { hostname: 'm1' } } };
    await dieAt(t, place, 'tracker.afterCommit', 'createRecord', create);
    const name = { kind: 'machines', name: 'm1' };
    const second = await serve(place, 0);
    const { record } = await second.records.getRecord(name);
    await second.stop();
    const update = { ...name, record: { fields: { state: 'idle' }, etag: record?.etag ?? '' } };
    await dieAt(t, place, 'tracker.afterCommit', 'updateRecord', update);
    const { records } = await restart(t, place, 0);
    await records.claimRecords({ kind: 'machines', owner: 'bob' });
    const { changes } = await records.listChanges(name);
    t.deepEqual(
      changes.map(({ action }) => action),
      ['claim', 'update', 'create'],
    );
  });

  test(`${engine}: a call whose process dies before it writes is done by its repeat, and its id is no other call's`, async (t) => {
    const place = newPlace(t);
    const create = { record: { kind: 'machines', fields: { hostname: 'm1' } }, requestId: 'create-1' };
    await dieAt(t, place, 'tracker.requestBound', 'createRecord', create);
    const first = await serve(place, 0);
    t.deepEqual(await all(first.records), []);
    const other = { ...create, record: { kind: 'machines', fields: { hostname: 'm2' } } };
    t.is((await refused(t, first.records.createRecord(other))).reason, 'REQUEST_ID_REUSED');
    const { record } = await first.records.createRecord(create);
    await first.stop();

    const update = {
      kind: 'machines',
      name: 'm1',
      record: { fields: { hostname: 'm9' }, etag: record?.etag ?? '' },
      requestId: 'update-1',
    };
    await dieAt(t, place, 'tracker.requestBound', 'updateRecord', update);
    const { records } = await restart(t, place, 0);
    t.deepEqual(await all(records), ['m1']);
    const { record: changed } = await records.updateRecord(update);
    t.deepEqual(await records.updateRecord(update), { record: changed });
    t.deepEqual(await all(records), ['m9']);
    t.is(await changesOf(records, 'update'), 1);
  });

  test(`${engine}: the repeat of a change whose process died is answered, also when the name is another record's by now`, async (t) => {
    const place = newPlace(t);
    const machine = { record: { kind: 'machines', fields: { hostname: 'm1' } } };
    const first = await serve(place, 0);
    const { record } = await first.records.createRecord(machine);
    await first.stop();
    const rename = {
      kind: 'machines',
      name: 'm1',
      record: { fields: { hostname: 'm2' }, etag: record?.etag ?? '' },
      requestId: 'rename-1',
    };
    await dieAt(t, place, 'tracker.afterCommit', 'updateRecord', rename);
    const { records } = await restart(t, place, 0);
    await records.createRecord(machine);
    const { record: renamed } = await records.updateRecord(rename);
    t.is(renamed?.id, record?.id);
    t.is(renamed?.fields?.['hostname'], 'm2');
    t.is(await changesOf(records, 'update'), 1);
  });

  test(`${engine}: what a claim was about to take whose process died is free`, async (t) => {
    const place = newPlace(t);
    const first = await serve(place, 0);
    await first.records.batchCreateRecords({ ...BATCH, records: BATCH.records.slice(0, 4) });
    await first.stop();
    await dieAt(t, place, 'tracker.beforeCommit', 'claimRecords', { kind: 'machines', count: 3, owner: 'dead' });
    const { records } = await restart(t, place, 11_000);
    const { records: claimed } = await records.claimRecords({ kind: 'machines', count: 4, owner: 'bob' });
    t.is(claimed.length, 4);
    t.is(await changesOf(records, 'claim'), 4);
  });
}

testCrashes('sqlite', (t) => ({ dir: tempFolder(t) }));

if (requireMongo(test)) {
  let server: SharedMongo | undefined;
  test.before(async () => {
    server = await someMongo();
  });
  test.after.always(() => server?.stop());
  testCrashes('mongo', (t) => ({ url: server?.url ?? '', database: server?.database(t) ?? '' }));
}
