import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { eventOf } from '../leases/acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

test('pools are told what waiting requests lack, whenever that changes', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const watch = lease.open('watchDemand', {});
  t.deepEqual((await watch.next()).lacks, []);
  const attributes = [{ name: 'vm', weight: 7 }];
  await inventory.call('putOffer', { offer: { pool: 'vms', attributes, capacity: 3 } });
  const requirements = [{ attributes: ['vm'], count: 2 }, { bench: 'twin1' }];
  const waiting = lease.open('acquire', { requirements, hold: HoldMode.MANUAL });
  await eventOf(waiting, 'queued');
  let told = await watch.next();
  while (told.lacks.length === 0) told = await watch.next();
  const [lack] = told.lacks;
  t.like(lack, { count: 2, affinity: '', offers: [{ pool: 'vms', weight: 7 }] });
  t.deepEqual(lack?.requirement?.attributes, ['vm']);
  t.deepEqual(told.claimedBenches, ['twin1']);

  const { bench } = await inventory.call('createBench', { bench: { name: 'vm1', attributes, origin: 'pool/vms' } });
  while (told.lacks[0]?.count !== 1) told = await watch.next();
  t.deepEqual(told.claimedBenches.toSorted(), ['twin1', 'vm1']);
  t.true(told.revision >= parseInt(bench?.etag ?? '', 36), 'it knows the new bench');
  waiting.hangUp();
  while (told.lacks.length > 0) told = await watch.next();
  t.deepEqual(told.claimedBenches, []);
  watch.hangUp();
});
