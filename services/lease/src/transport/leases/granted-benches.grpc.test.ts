import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, leaseOn } from './acquire-events.fixture.js';
import { serveLab } from '../lab-server.fixture.js';

const REQUEST = {
  requestId: 'r-1',
  requirements: [{ bench: 'twin1' }],
  hold: HoldMode.CONNECTION,
  reconnectGrace: { seconds: 60, nanos: 0 },
};

test('a lease keeps its benches as they were granted, and the bench shows what it is now', async (t) => {
  const server = await serveLab(t);
  const { lease: leases, inventory } = server;
  const { lease } = await acquire(server, REQUEST, 'ann/user');
  const { bench: changed } = await inventory.call('updateBench', {
    bench: { name: 'twin1', location: 'moved', properties: { key: 'new' } },
    updateMask: ['location', 'properties'],
  });
  t.is(changed?.location, 'moved');

  const { lease: read } = await leases.call('getLease', { leaseId: lease.id }, 'ann/user');
  const { leases: listed } = await leases.call('listLeases', { bench: 'twin1' }, 'ann/user');
  const { bench: now } = await inventory.call('getBench', { name: 'twin1' }, 'ann/user');
  const again = await leaseOn(leases.open('acquire', REQUEST, 'ann/user'));
  for (const one of [read, listed[0], again]) {
    t.like(one?.benches[0], { name: 'twin1', location: '', properties: { key: 'one' }, leaseId: lease.id });
  }
  t.like(now, { location: 'moved', properties: { key: 'new' } });

  // Who changes what they read in a lease would take the change back.
  const etag = read?.benches[0]?.etag ?? '';
  const refused = await inventory.refusal('updateBench', {
    bench: { name: 'twin1', location: 'x', etag },
    updateMask: ['location'],
  });
  t.is(refused.reason, 'STALE_ETAG');
});

test('a new owner gets the benches as they are at the transfer', async (t) => {
  const server = await serveLab(t);
  const { lease: leases, inventory } = server;
  const { lease } = await acquire(server, REQUEST, 'ann/user');
  await inventory.call('updateBench', { bench: { name: 'twin1', location: 'moved' }, updateMask: ['location'] });
  const { lease: theirs } = await leases.call('transfer', { leaseId: lease.id, newOwner: 'bob' });
  t.is(theirs?.benches[0]?.location, 'moved');
});
