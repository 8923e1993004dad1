import { BerthError } from '@berth/client';
import { systemClock } from '@berth/kernel';
import { mongoDatabase, onEachEngine, until } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Records } from '../tracker-server.fixture.js';
import { refused, startTracker } from '../tracker-server.fixture.js';
import type { ServedRecords } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

/** What calls were refused with; `done` for those that were not. */
async function outcomes(calls: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(calls)).map((one) => {
    if (one.status === 'fulfilled') return 'done';
    return one.reason instanceof BerthError ? one.reason.reason : String(one.reason);
  });
}

async function changeCount(records: Records): Promise<number> {
  return (await records.listChanges({ kind: 'machines', pageSize: 1000 })).changes.length;
}

async function addMachine(records: Records, hostname: string): Promise<{ id: string; etag: string }> {
  const { record } = await records.createRecord({ record: { kind: 'machines', fields: { hostname } } });
  return { id: record?.id ?? '', etag: record?.etag ?? '' };
}

interface HeldRecords extends ServedRecords {
  /** Makes a call that is stopped when it has bound its id, until `go`; resolves when it is there. */
  readonly stopped: <R>(call: Promise<R>) => Promise<{ readonly answer: Promise<R>; readonly go: () => void }>;
}

async function serveHeld(t: ExecutionContext, engine: DocumentEngine): Promise<HeldRecords> {
  const clock = systemClock();
  const store = await openPlace(engine === 'sqlite' ? { dir: ':memory:' } : mongoDatabase(t));
  let stops: (() => Promise<void>) | undefined;
  const failpoint = async (name: string): Promise<void> => {
    const stop = name === 'tracker.requestBound' ? stops : undefined;
    stops = undefined;
    await stop?.();
  };
  const served = await serveRecords(store, { clock, failpoint });
  t.teardown(() => served.stop());
  return {
    ...served,
    async stopped(call) {
      let go = (): void => undefined;
      let there = false;
      const going = new Promise<void>((resolve) => (go = resolve));
      stops = () => {
        there = true;
        return going;
      };
      await until(() => there, { what: 'a bound request id' });
      return { answer: call, go };
    },
  };
}

onEachEngine(test, (engine, title) => {
  test(
    title('of different calls at once with one request id one is carried out, and the others are refused'),
    async (t) => {
      const { records } = await startTracker(t, engine);
      const [m1, m2] = [await addMachine(records, 'm1'), await addMachine(records, 'm2')];
      const kind = 'machines';
      for (let round = 0; round < 5; round += 1) {
        const requestId = `r${String(round)}`;
        const before = await changeCount(records);
        const etag = async (name: string) => (await records.getRecord({ kind, name })).record?.etag ?? '';
        const [etag1, etag2] = [await etag(m1.id), await etag(m2.id)];
        const found = await outcomes([
          records.createRecord({ record: { kind, fields: { hostname: `a${requestId}` } }, requestId }),
          records.createRecord({ record: { kind, fields: { hostname: `b${requestId}` } }, requestId }),
          records.updateRecord({ kind, name: m1.id, record: { fields: { owner: requestId }, etag: etag1 }, requestId }),
          records.updateRecord({ kind, name: m2.id, record: { fields: { owner: requestId }, etag: etag2 }, requestId }),
          records.batchCreateRecords({ kind, records: [{ fields: { hostname: `c${requestId}` } }], requestId }),
          records.claimRecords({ kind, owner: 'bob', requestId }),
        ]);
        t.deepEqual(found.toSorted(), [
          'REQUEST_ID_REUSED',
          'REQUEST_ID_REUSED',
          'REQUEST_ID_REUSED',
          'REQUEST_ID_REUSED',
          'REQUEST_ID_REUSED',
          'done',
        ]);
        t.is(await changeCount(records), before + 1);
      }
    },
  );

  test(title('of equal calls at once one is carried out, and all get its answer'), async (t) => {
    const { records } = await startTracker(t, engine);
    const { id, etag } = await addMachine(records, 'm1');
    const kind = 'machines';
    const eight = async <R>(call: () => Promise<R>): Promise<R> => {
      const [first, ...others] = await Promise.all(Array.from({ length: 8 }, call));
      for (const other of others) t.deepEqual(other, first);
      return first!;
    };
    await eight(() => records.createRecord({ record: { kind, fields: { hostname: 'm2' } }, requestId: 'create' }));
    const renamed = await eight(() =>
      records.updateRecord({ kind, name: 'm1', record: { fields: { hostname: 'm9' }, etag }, requestId: 'update' }),
    );
    const deleted = { kind, name: 'm9', etag: renamed.record?.etag ?? '', requestId: 'delete' };
    await eight(() => records.deleteRecord(deleted));
    await eight(() => records.undeleteRecord({ kind, name: id, requestId: 'undelete' }));
    await eight(() => records.claimRecords({ kind, owner: 'bob', requestId: 'claim' }));
    t.is(await changeCount(records), 6);
  });

  test(title('a call that is stopped before it writes is done by its repeat, and then gets its answer'), async (t) => {
    const { records, stopped } = await serveHeld(t, engine);
    const kind = 'machines';
    const create = { record: { kind, fields: { hostname: 'm1' } }, requestId: 'r1' };
    const { answer, go } = await stopped(records.createRecord(create));
    const other = { ...create, record: { kind, fields: { hostname: 'm2' } } };
    t.is((await refused(t, records.createRecord(other))).reason, 'REQUEST_ID_REUSED');
    const batch = { kind, records: [{ fields: { hostname: 'm3' } }], requestId: 'r1' };
    t.is((await refused(t, records.batchCreateRecords(batch))).reason, 'REQUEST_ID_REUSED');
    const repeat = await records.createRecord(create);
    const { record } = await records.updateRecord({
      kind,
      name: 'm1',
      record: { fields: { owner: 'ann' }, etag: repeat.record?.etag ?? '' },
    });
    go();
    t.deepEqual(await answer, repeat);
    t.deepEqual((await records.listRecords({ kind })).records, [record!]);
    t.is(await changeCount(records), 2);
  });

  test(title('a repeated deletion does not delete again what was brought back meanwhile'), async (t) => {
    const { records, stopped } = await serveHeld(t, engine);
    const kind = 'machines';
    const { id, etag } = await addMachine(records, 'm1');
    const deletion = { kind, name: 'm1', etag, requestId: 'r1' };
    const { answer, go } = await stopped(records.deleteRecord(deletion));
    const repeat = await records.deleteRecord(deletion);
    const { record } = await records.undeleteRecord({ kind, name: id });
    go();
    t.deepEqual(await answer, repeat);
    t.deepEqual((await records.listRecords({ kind })).records, [record!]);
    t.is(await changeCount(records), 3);
  });

  test(title('a call that was refused for what it found leaves its id to the next one'), async (t) => {
    const { records } = await startTracker(t, engine);
    const { etag } = await addMachine(records, 'm1');
    const update = (given: string) => ({
      kind: 'machines',
      name: 'm1',
      record: { fields: { state: 'idle' }, etag: given },
      requestId: 'r1',
    });
    t.is((await refused(t, records.updateRecord(update('old')))).reason, 'STALE_ETAG');
    t.is((await records.updateRecord(update(etag))).record?.fields?.['state'], 'idle');
  });
});
