import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import { refused, startTracker } from '../tracker-server.fixture.js';

onEachEngine(test, (engine, title) => {
  test(title('a record is created, read by id and name, changed, deleted, and brought back'), async (t) => {
    const { records } = await startTracker(t, engine);
    const { record: made } = await records.createRecord({
      record: { kind: 'machines', fields: { hostname: 'my-machine', owner: 'tony', tags: ['a', 'b'] } },
    });
    t.deepEqual(made?.fields, { hostname: 'my-machine', owner: 'tony', tags: ['a', 'b'] });
    const { record: byName } = await records.getRecord({ kind: 'machines', name: 'my-machine' });
    const { record: byId } = await records.getRecord({ kind: 'machines', name: made?.id ?? '' });
    t.deepEqual(byName, made);
    t.deepEqual(byId, made);

    const { record: changed } = await records.updateRecord({
      kind: 'machines',
      name: 'my-machine',
      record: { fields: { state: 'idle' }, etag: made?.etag ?? '' },
      updateMask: ['state', 'fields.owner'],
    });
    t.deepEqual(changed?.fields, { hostname: 'my-machine', state: 'idle', tags: ['a', 'b'] });
    const { record: was } = await records.deleteRecord({
      kind: 'machines',
      name: 'my-machine',
      etag: changed?.etag ?? '',
    });
    t.deepEqual(was, changed);
    const gone = await refused(t, records.getRecord({ kind: 'machines', name: 'my-machine' }));
    t.is(gone.reason, 'NO_SUCH_RECORD');
    const { record: deleted } = await records.getRecord({ kind: 'machines', name: 'my-machine', includeDeleted: true });
    t.truthy(deleted?.deleteTime);
    const { record: back } = await records.undeleteRecord({ kind: 'machines', name: made?.id ?? '' });
    t.deepEqual(back?.fields, changed?.fields);

    const { changes } = await records.listChanges({ kind: 'machines', name: 'my-machine' });
    t.deepEqual(
      changes.map(({ action, actor, before, after }) => [action, actor?.name, before, after]),
      [
        ['undelete', 'ann', changed?.fields, changed?.fields],
        ['delete', 'ann', changed?.fields, undefined],
        ['update', 'ann', made?.fields, changed?.fields],
        ['create', 'ann', undefined, made?.fields],
      ],
    );
  });
});
