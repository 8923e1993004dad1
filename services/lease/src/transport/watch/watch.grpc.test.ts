import { EndReason, HoldMode } from '@berth/proto/berth/lease/v1/lease';
import type { WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import type { TestStream } from '@berth/testkit/test-client';
import test from 'ava';
import { acquire, eventOf } from '../leases/acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

/** The kinds of the changes up to the first of this kind. */
async function kindsUntil(stream: TestStream<WatchResponse>, last: string): Promise<string[]> {
  const kinds: string[] = [];
  while (!kinds.includes(last)) {
    for (const { kind } of (await stream.next()).changes) kinds.push(kind?.$case ?? '');
  }
  return kinds;
}

test('a watch from 0 begins with everything there is, and goes on with what changes', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL);
  await server.inventory.call('putOffer', { offer: { pool: 'vms', attributes: [{ name: 'vm' }], available: 1 } });
  const waiting = server.lease.open('acquire', { requirements: [{ bench: 'resource1' }], requestId: 'w' });
  await eventOf(waiting, 'queued');
  const watch = server.lease.open('watch', {});
  const snapshot = await watch.next();
  t.true(snapshot.snapshot);
  t.deepEqual(
    snapshot.changes.map(({ kind }) => kind?.$case),
    ['benchPut', 'benchPut', 'benchPut', 'offerPut', 'requestPut', 'leasePut'],
  );
  await server.lease.call('release', { leaseId: lease.id });
  const change = await watch.next();
  t.false(change.snapshot);
  t.true(change.revision > snapshot.revision);
  t.true(Math.abs((change.commitTime?.getTime() ?? 0) - Date.now()) < 3_600_000);
  t.deepEqual(
    change.changes.map(({ kind }) => kind?.$case),
    ['leaseEnded', 'leasePut'],
  );
  const ended = change.changes[0]?.kind;
  t.is(ended?.$case === 'leaseEnded' ? ended.value.reason : undefined, EndReason.RELEASED);
  const secrets = JSON.stringify([snapshot, change]);
  t.false(secrets.includes('foobar') || secrets.includes('127.0.0.1'), 'properties are never part of it');
  watch.hangUp();
  waiting.hangUp();
});

test('a watch from a revision of a list misses nothing', async (t) => {
  const server = await serveLab(t);
  const { revision } = await server.lease.call('listLeases', {});
  await server.inventory.call('createBench', { bench: { name: 'b9' } });
  const { lease } = await acquire(server, { ...MANUAL, requestId: 'x' });
  await server.lease.call('release', { leaseId: lease.id });
  await server.inventory.call('deleteBench', { name: 'b9' });
  const watch = server.lease.open('watch', { fromRevision: revision });
  t.deepEqual(await kindsUntil(watch, 'benchRemoved'), [
    'benchPut',
    'requestPut',
    'leasePut',
    'leaseEnded',
    'benchRemoved',
  ]);
  const last = watch.messages.at(-1)?.revision ?? 0;
  await server.inventory.call('deleteOffer', { pool: 'none' });
  await server.inventory.call('putOffer', { offer: { pool: 'vms' } });
  await server.inventory.call('deleteOffer', { pool: 'vms' });
  const resumed = server.lease.open('watch', { fromRevision: last });
  t.deepEqual(await kindsUntil(resumed, 'offerRemoved'), ['offerPut', 'offerRemoved']);
  watch.hangUp();
  resumed.hangUp();
});

test('a revision that is none is refused', async (t) => {
  const server = await serveLab(t);
  const negative = await server.lease.open('watch', { fromRevision: -1 }).over;
  t.deepEqual(negative?.fields, [
    'from_revision: is -1; give the revision of a list or of a former watch, or 0 for a snapshot',
  ]);
});
