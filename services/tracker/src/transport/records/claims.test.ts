import { BerthError } from '@berth/client';
import { onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { Records } from '../tracker-server.fixture.js';
import { refused, startTracker } from '../tracker-server.fixture.js';

async function addRange(records: Records, range: string, name = 'lab'): Promise<void> {
  await records.createRecord({ record: { kind: 'address-ranges', fields: { name, range } } });
}

/** What came of claims at once: the addresses that were got, and why others got none. */
async function claimAtOnce(
  records: Records,
  claims: number,
  count = 1,
): Promise<{ addresses: string[]; reasons: string[] }> {
  const calls = Array.from({ length: claims }, (_, n) =>
    records.claimAddresses({ range: 'lab', count, owner: `o${n}` }),
  );
  const addresses: string[] = [];
  const reasons: string[] = [];
  for (const outcome of await Promise.allSettled(calls)) {
    if (outcome.status === 'fulfilled')
      addresses.push(...outcome.value.records.map(({ fields }) => String(fields?.['address'])));
    else reasons.push(outcome.reason instanceof BerthError ? outcome.reason.reason : String(outcome.reason));
  }
  return { addresses, reasons };
}

onEachEngine(test, (engine, title) => {
  test(title('16 claims at once on a /28 get 14 different addresses'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, '10.0.0.0/28');
    const { addresses, reasons } = await claimAtOnce(records, 16);
    t.deepEqual(addresses.toSorted(), Array.from({ length: 14 }, (_, n) => `10.0.0.${n + 1}`).toSorted());
    t.deepEqual(reasons, ['NOT_ENOUGH_FREE', 'NOT_ENOUGH_FREE']);
  });

  test(title('16 claims at once on a range of 16 addresses get all of them'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, '10.0.0.0-10.0.0.15');
    const { addresses, reasons } = await claimAtOnce(records, 16);
    t.deepEqual(addresses.toSorted(), Array.from({ length: 16 }, (_, n) => `10.0.0.${n}`).toSorted());
    t.deepEqual(reasons, []);
    t.is((await refused(t, records.claimAddresses({ range: 'lab', owner: 'x' }))).reason, 'NOT_ENOUGH_FREE');
  });

  test(title('a bulk claim of more than is left claims nothing'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, '2001:db8::/124');
    await records.createRecord({ record: { kind: 'private-addresses', fields: { address: '2001:db8::3' } } });
    const error = await refused(t, records.claimAddresses({ range: 'lab', count: 16, owner: 'x' }));
    t.is(error.reason, 'NOT_ENOUGH_FREE');
    t.is(error.details.metadata?.['free'], '15');
    const { records: rest } = await records.claimAddresses({ range: 'lab', count: 15, owner: 'x' });
    t.is(new Set(rest.map(({ fields }) => String(fields?.['address']))).size, 15);
    t.false(rest.some(({ fields }) => fields?.['address'] === '2001:db8::3'));
  });

  test(title('bulk claims at once: those that fit are served, whole'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, '10.0.0.0/28');
    const { addresses, reasons } = await claimAtOnce(records, 5, 4);
    t.is(new Set(addresses).size, 12);
    t.is(addresses.length, 12);
    t.deepEqual(reasons, ['NOT_ENOUGH_FREE', 'NOT_ENOUGH_FREE']);
  });

  test(title('a released address goes back to its range, and is claimed next'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addRange(records, '10.0.0.0/29');
    const { records: claimed } = await records.claimAddresses({ range: 'lab', count: 6, owner: 'x' });
    t.deepEqual(
      claimed.map(({ fields, claimedBy }) => [String(fields?.['address']), String(fields?.['owner']), claimedBy]),
      [1, 2, 3, 4, 5, 6].map((n) => [`10.0.0.${n}`, 'x', 'x']),
    );
    const release = { kind: 'private-addresses', names: ['10.0.0.2', '10.0.0.5'], requestId: 'r1' };
    t.is((await records.releaseRecords(release)).released, 2);
    const { records: again } = await records.claimAddresses({ range: 'lab', count: 2, owner: 'y' });
    t.deepEqual(
      again.map(({ fields }) => fields?.['address'] as unknown),
      ['10.0.0.2', '10.0.0.5'],
    );
    // The repeat must not take them from their new holder.
    t.is((await records.releaseRecords(release)).released, 2);
    t.is((await records.getRecord({ kind: 'private-addresses', name: '10.0.0.2' })).record?.claimedBy, 'y');
  });

  test(title('16 claimers at once get 16 different machines, and the 17th none'), async (t) => {
    const { records } = await startTracker(t, engine);
    const machines = Array.from({ length: 20 }, (_, n) => ({
      fields: { hostname: `m${n}`, state: n < 16 ? 'idle' : 'needs_repair' },
    }));
    await records.batchCreateRecords({ kind: 'machines', records: machines });
    const filters = [{ field: 'state', condition: { $case: 'equals', value: 'idle' } as const }];
    const claim = (owner: string) => records.claimRecords({ kind: 'machines', filters, owner });
    const claimed = await Promise.all(Array.from({ length: 16 }, (_, n) => claim(`o${n}`)));
    const ids = claimed.flatMap((one) => one.records.map(({ id }) => id));
    t.is(new Set(ids).size, 16);
    const error = await refused(t, claim('late'));
    t.is(error.reason, 'NOT_ENOUGH_FREE');
    t.is(error.details.metadata?.['free'], '0');
  });

  test(title('bulk claims of records at once are whole or nothing, and each change is told once'), async (t) => {
    const { records } = await startTracker(t, engine);
    const machines = Array.from({ length: 10 }, (_, n) => ({ fields: { hostname: `m${n}` } }));
    await records.batchCreateRecords({ kind: 'machines', records: machines });
    const calls = Array.from({ length: 4 }, (_, n) =>
      records.claimRecords({ kind: 'machines', count: 4, owner: `o${n}` }),
    );
    const outcomes = await Promise.allSettled(calls);
    const got = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.records] : []));
    t.deepEqual(
      got.map((one) => one.length),
      [4, 4],
    );
    t.is(new Set(got.flat().map(({ id }) => id)).size, 8);
    const { changes } = await records.listChanges({ kind: 'machines', pageSize: 100 });
    t.is(changes.filter(({ action }) => action === 'claim').length, 8);
    t.is(changes.filter(({ action }) => action === 'create').length, 10);
  });

  test(title('a claimed record cannot be deleted, a released one can'), async (t) => {
    const { records } = await startTracker(t, engine);
    await records.createRecord({ record: { kind: 'machines', fields: { hostname: 'm1' } } });
    const claim = { kind: 'machines', owner: 'bob', requestId: 'c1' };
    const claimed = await records.claimRecords(claim);
    t.deepEqual(await records.claimRecords(claim), claimed);
    const [record] = claimed.records;
    const name = { kind: 'machines', name: 'm1' };
    t.is((await refused(t, records.deleteRecord({ ...name, etag: record?.etag ?? '' }))).reason, 'RECORD_CLAIMED');
    const wrong = records.releaseRecords({ kind: 'machines', names: ['m1'], owner: 'eve' });
    t.is((await refused(t, wrong)).reason, 'RECORD_CLAIMED');
    t.is((await records.releaseRecords({ kind: 'machines', names: ['m1'], owner: 'bob' })).released, 1);
    t.is((await records.releaseRecords({ kind: 'machines', names: ['m1'] })).released, 0);
    const free = (await records.getRecord(name)).record;
    t.is(free?.claimedBy, '');
    await records.deleteRecord({ ...name, etag: free?.etag ?? '' });
    t.deepEqual((await records.listRecords({ kind: 'machines' })).records, []);
  });
});
