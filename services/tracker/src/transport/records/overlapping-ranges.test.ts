import type { CollectionStore } from '@berth/storage';
import { fakeClock, onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import { hookedStore } from '../hooked-store.fixture.js';
import type { Records } from '../tracker-server.fixture.js';
import { refused, startTracker } from '../tracker-server.fixture.js';

const ADDRESSES = ['public-addresses', 'private-addresses'];

async function addRange(records: Records, name: string, range: string, kind = 'private-addresses') {
  const { record } = await records.createRecord({ record: { kind: 'address-ranges', fields: { name, range, kind } } });
  return { kind: 'address-ranges', name, etag: record?.etag ?? '' };
}

async function claim(records: Records, range: string, owner: string, count = 1): Promise<readonly string[]> {
  const claimed = await records.claimAddresses({ range, owner, count });
  return claimed.records.map(({ fields }) => String(fields?.['address']));
}

onEachEngine(test, (engine, title) => {
  test(title('16 claims at once from overlapping ranges of both kinds get 16 different addresses'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, 'all', '10.0.0.0/26');
    await addRange(records, 'part', '10.0.0.0-10.0.0.20', 'public-addresses');
    await addRange(records, 'six', '2001:db8::/120');
    await addRange(records, 'six-part', '2001:db8::-2001:db8::1f', 'public-addresses');
    for (const ranges of [
      ['all', 'part'],
      ['six', 'six-part'],
    ]) {
      const claims = Array.from({ length: 16 }, (_, n) => claim(records, ranges[n % 2] ?? '', `o${n}`));
      const addresses = (await Promise.all(claims)).flat();
      t.is(new Set(addresses).size, 16, addresses.join(' '));
    }
  });

  test(title('addresses of the other kind are passed over, however many there are'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, 'private', '10.0.0.0/21');
    await addRange(records, 'public', '10.0.0.0/21', 'public-addresses');
    const taken = [...(await claim(records, 'private', 'x', 1000)), ...(await claim(records, 'private', 'x', 200))];
    t.deepEqual(await claim(records, 'public', 'y', 2), ['10.0.4.177', '10.0.4.178']);
    await records.releaseRecords({ kind: 'private-addresses', names: [taken[3] ?? '', taken[1100] ?? ''] });
    t.deepEqual(new Set(await claim(records, 'public', 'y', 3)), new Set([taken[3], taken[1100], '10.0.4.179']));
    const rest = 2046 - 1200 - 5 + 2;
    t.is((await claim(records, 'private', 'z', rest)).length, rest);
    t.is((await refused(t, claim(records, 'public', 'z'))).reason, 'NOT_ENOUGH_FREE');
  });

  test(title('an address is in one kind only, and is named in its own'), async (t) => {
    const { records } = await startTracker(t, engine);
    const create = (kind: string) => records.createRecord({ record: { kind, fields: { address: '10.0.0.1' } } });
    const { record } = await create('private-addresses');
    const error = await refused(t, create('public-addresses'));
    t.is(error.reason, 'RECORD_EXISTS');
    t.regex(error.message, /"10\.0\.0\.1" is that of record rec-\S+ of private-addresses/);
    const named = records.getRecord({ kind: 'public-addresses', name: '10.0.0.1' });
    t.is((await refused(t, named)).reason, 'NO_SUCH_RECORD');
    t.is((await records.getRecord({ kind: 'private-addresses', name: '10.0.0.1' })).record?.id, record?.id);
  });

  test(title('a range with claimed addresses cannot be deleted, one whose addresses are back can'), async (t) => {
    const { records } = await startTracker(t, engine);
    const range = await addRange(records, 'lab', '10.0.0.0/28');
    const addresses = await claim(records, 'lab', 'bob', 4);
    const error = await refused(t, records.deleteRecord(range));
    t.is(error.reason, 'RECORD_CLAIMED');
    t.regex(error.message, /range lab are claimed: 10\.0\.0\.\d by bob, .* and others\..*release them first/);
    t.is((await records.getRecord(range)).record?.etag, range.etag);
    await records.releaseRecords({ kind: 'private-addresses', names: [...addresses] });
    const deletion = { ...range, requestId: 'delete-1' };
    const { record } = await records.deleteRecord(deletion);
    t.deepEqual((await records.deleteRecord(deletion)).record, record);
    t.is((await refused(t, claim(records, 'lab', 'bob'))).reason, 'NO_SUCH_RECORD');
    const { changes } = await records.listChanges({ kind: 'address-ranges' });
    t.deepEqual(
      changes.map(({ action }) => action),
      ['delete', 'create'],
    );
    await records.undeleteRecord({ kind: 'address-ranges', name: 'lab' });
    t.is((await claim(records, 'lab', 'bob')).length, 1);
  });

  test(title('a claim that has chosen its addresses when their range is deleted gets none'), async (t) => {
    // The claim stops right after it has read the addresses in use: it will hold one of a range that is gone by then.
    let stopped = 0;
    let goOn = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    const seen = (store: CollectionStore): CollectionStore =>
      hookedStore(store, 'records', {
        find: async ({ where = {} }) => {
          if (where['shelf'] !== 'public-addresses' || stopped > 0) return;
          stopped += 1;
          await waiting;
        },
      });
    const { records } = await startTracker(t, engine, { clock: fakeClock(), seen });
    const range = await addRange(records, 'lab', '10.0.0.0/28');
    const claiming = refused(t, claim(records, 'lab', 'bob'));
    await until(() => stopped > 0, { what: 'the claim to stop' });
    await records.deleteRecord(range);
    goOn();
    t.is((await claiming).reason, 'NO_SUCH_RECORD');
    for (const kind of ADDRESSES) t.deepEqual((await records.listRecords({ kind })).records, []);
  });

  test(title('a range is not deleted when a claim from it is committed meanwhile'), async (t) => {
    // The deletion stops when it has found no claimed address and is about to write.
    let stopped = 0;
    let goOn = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    const seen = (store: CollectionStore): CollectionStore =>
      hookedStore(store, 'records', {
        replace: async (document) => {
          if (!('shelf' in document) || document.shelf !== 'address-ranges/deleted' || stopped > 0) return;
          stopped += 1;
          await waiting;
        },
      });
    const { records } = await startTracker(t, engine, { clock: fakeClock(), seen });
    const range = await addRange(records, 'lab', '10.0.0.0/28');
    const deleting = refused(t, records.deleteRecord(range));
    await until(() => stopped > 0, { what: 'the deletion to stop' });
    t.deepEqual(await claim(records, 'lab', 'bob'), ['10.0.0.1']);
    goOn();
    t.is((await deleting).reason, 'RECORD_CLAIMED');
    t.is((await records.getRecord(range)).record?.etag, range.etag);
  });
});
