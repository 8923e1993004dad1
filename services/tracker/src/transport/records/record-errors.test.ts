import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import { refused, startTracker } from '../tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  test(title('a violation names each field and what is allowed'), async (t) => {
    const { records } = await startTracker(t, engine);
    const fields = { state: 'broken', owner: 7, colour: 'red' };
    const error = await refused(t, records.createRecord({ record: { kind: 'machines', fields } }));
    t.is(error.reason, 'RECORD_INVALID');
    t.deepEqual(
      error.details.fields?.map(({ field, description }) => `${field}: ${description}`),
      [
        'record.fields.owner: is a number; a text is expected',
        'record.fields.state: is "broken"; allowed are pxe, pxe_failed, idle, needs_repair, in_use',
        'record.fields.colour: machines have no such field; they have hostname, owner, state, job_id, tags',
        'record.fields.hostname: is missing; machines need it (string)',
      ],
    );
    t.deepEqual((await records.listRecords({ kind: 'machines' })).records, []);
  });

  test(title('a duplicate hostname names the record that has it'), async (t) => {
    const { records } = await startTracker(t, engine);
    const machine = { record: { kind: 'machines', fields: { hostname: 'm1', owner: 'tony' } } };
    const { record: first } = await records.createRecord(machine);
    for (const validateOnly of [true, false]) {
      const error = await refused(t, records.createRecord({ ...machine, validateOnly }));
      t.is(error.reason, 'RECORD_EXISTS');
      t.is(error.details.metadata?.['existing'], first?.id);
      t.regex(error.message, new RegExp(`hostname: "m1" is that of record ${first?.id ?? ''} \\(owner tony\\)`));
    }
  });

  test(title('a stale etag changes nothing, and none is refused'), async (t) => {
    const { records } = await startTracker(t, engine);
    const { record: first } = await records.createRecord({ record: { kind: 'machines', fields: { hostname: 'm1' } } });
    const update = (etag: string, state: string) =>
      records.updateRecord({ kind: 'machines', name: 'm1', record: { fields: { state }, etag } });
    const { record: second } = await update(first?.etag ?? '', 'idle');
    t.is((await refused(t, update(first?.etag ?? '', 'pxe'))).reason, 'STALE_ETAG');
    t.is((await refused(t, update('', 'pxe'))).reason, 'ETAG_REQUIRED');
    const name = { kind: 'machines', name: 'm1' };
    t.is((await refused(t, records.deleteRecord({ ...name, etag: first?.etag ?? '' }))).reason, 'STALE_ETAG');
    t.is((await refused(t, records.deleteRecord(name))).reason, 'ETAG_REQUIRED');
    t.deepEqual((await records.getRecord(name)).record, second);
    t.is((await records.listChanges(name)).changes.length, 2);
  });

  test(title('concurrent updates with one etag: exactly one wins'), async (t) => {
    const { records } = await startTracker(t, engine);
    const { record } = await records.createRecord({ record: { kind: 'machines', fields: { hostname: 'm1' } } });
    const updates = Array.from({ length: 8 }, (_, index) =>
      records.updateRecord({
        kind: 'machines',
        name: 'm1',
        record: { fields: { owner: `o${index}` }, etag: record?.etag ?? '' },
      }),
    );
    const outcomes = await Promise.allSettled(updates);
    t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    t.is((await records.listChanges({ kind: 'machines' })).changes.length, 2);
  });

  test(title('a deleted record leaves its unique values, and comes back only while they are free'), async (t) => {
    const { records } = await startTracker(t, engine);
    const machine = { record: { kind: 'machines', fields: { hostname: 'm1' } } };
    const { record: first } = await records.createRecord(machine);
    await records.deleteRecord({ kind: 'machines', name: 'm1', etag: first?.etag ?? '' });
    const { record: second } = await records.createRecord(machine);
    t.not(second?.id, first?.id);
    const undelete = () => records.undeleteRecord({ kind: 'machines', name: first?.id ?? '' });
    t.is((await refused(t, undelete())).reason, 'RECORD_EXISTS');
    await records.deleteRecord({ kind: 'machines', name: 'm1', etag: second?.etag ?? '' });
    t.is((await undelete()).record?.id, first?.id);
  });

  test(title('a deleted record cannot come back after 30 days, and is removed then'), async (t) => {
    const { records, clock, sweep } = await startTracker(t, engine);
    const { record } = await records.createRecord({ record: { kind: 'machines', fields: { hostname: 'm1' } } });
    const name = record?.id ?? '';
    await records.deleteRecord({ kind: 'machines', name, etag: record?.etag ?? '' });
    clock.jump(30 * 86_400_000 + 1);
    t.is((await refused(t, records.undeleteRecord({ kind: 'machines', name }))).reason, 'NO_SUCH_RECORD');
    await sweep();
    t.deepEqual((await records.listRecords({ kind: 'machines', includeDeleted: true })).records, []);
    t.is((await records.listChanges({ kind: 'machines', name })).changes.length, 2);
  });

  test(title('a repeated request gets the same answer, and does nothing twice'), async (t) => {
    const { records, recordsAs } = await startTracker(t, engine);
    const create = { record: { kind: 'machines', fields: { hostname: 'm1' } }, requestId: 'r1' };
    const both = await Promise.all([records.createRecord(create), records.createRecord(create)]);
    t.deepEqual(both[0], both[1]);
    const etag = both[0].record?.etag ?? '';
    const update = { kind: 'machines', name: 'm1', record: { fields: { hostname: 'm2' }, etag }, requestId: 'r2' };
    const changed = await records.updateRecord(update);
    t.deepEqual(await records.updateRecord(update), changed);
    t.deepEqual(await records.createRecord(create), both[0]);
    const batch = { kind: 'machines', records: [{ fields: { hostname: 'm3' } }], requestId: 'r3' };
    const made = await records.batchCreateRecords(batch);
    t.deepEqual(await records.batchCreateRecords(batch), made);

    const others = [
      records.createRecord({ ...create, record: { kind: 'machines', fields: { hostname: 'm9' } } }),
      records.updateRecord({ ...update, requestId: 'r1' }),
      records.batchCreateRecords({ ...batch, requestId: 'r2' }),
      records.createRecord({ ...create, requestId: 'r3' }),
      recordsAs('bob', 'operator').createRecord(create),
    ];
    for (const call of others) t.is((await refused(t, call)).reason, 'REQUEST_ID_REUSED');
    t.is((await records.listRecords({ kind: 'machines' })).records.length, 2);
  });

  test(title('an unknown kind is refused with those there are'), async (t) => {
    const { records } = await startTracker(t, engine);
    const error = await refused(t, records.listRecords({ kind: 'robots' }));
    t.is(error.reason, 'NO_SUCH_KIND');
    t.regex(error.message, /address-ranges, machines, private-addresses, public-addresses/);
  });

  test(title('viewers read, operators write, users claim for themselves'), async (t) => {
    const { records, recordsAs } = await startTracker(t, engine);
    const create = { record: { kind: 'machines', fields: { hostname: 'm1' } } };
    const viewer = recordsAs('vic', 'viewer');
    const user = recordsAs('uma', 'user');
    await records.createRecord(create);
    t.is((await viewer.listRecords({ kind: 'machines' })).records.length, 1);
    const refusals = [
      viewer.createRecord(create),
      user.createRecord(create),
      viewer.claimRecords({ kind: 'machines', owner: 'vic' }),
      user.claimRecords({ kind: 'machines', owner: 'bob' }),
    ];
    for (const call of refusals) t.is((await refused(t, call)).reason, 'PERMISSION_DENIED');
    const { records: claimed } = await user.claimRecords({ kind: 'machines', owner: 'uma' });
    t.deepEqual(
      claimed.map(({ claimedBy }) => claimedBy),
      ['uma'],
    );
    const release = { kind: 'machines', names: ['m1'] };
    t.is((await refused(t, recordsAs('bob', 'user').releaseRecords(release))).reason, 'RECORD_CLAIMED');
    t.is((await user.releaseRecords(release)).released, 1);
  });
});
