import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf } from './leases/acquire-events.fixture.js';
import { labEngines } from './lab-server.fixture.js';

const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

for (const [engine, serve] of labEngines(test)) {
  test(`${engine}: a former holder that asks again together with a transfer is never given the new lease`, async (t) => {
    const server = await serve(t);
    for (let i = 0; i < 20; i++) {
      const ask = { ...MANUAL, requestId: `r-${String(i)}` };
      const { lease } = await acquire(server, ask, 'alice/user');
      const together = server.inventory.call('updateBench', { bench: { name: 'twin1', location: `l${String(i)}` } });
      const again = server.lease.open('acquire', ask, 'alice/user');
      const transfer = server.lease.call('transfer', { leaseId: lease.id, newOwner: 'carol', reason: 'shift' });
      const [error, { lease: moved }] = await Promise.all([again.over, transfer, together]);
      // What came before the transfer may be told: it was hers.
      const told = again.messages.flatMap(({ event }) => (event?.$case === 'granted' ? [event.value.lease] : []));
      t.true(told.every((one) => one?.id === lease.id && one.owner === 'alice'));
      if (told.length === 0) t.is(error?.reason, 'REQUEST_ENDED');
      t.is(moved?.owner, 'carol');
      t.true((await server.lease.call('release', { leaseId: moved?.id ?? '' }, 'carol/user')).released);
    }
  });

  test(`${engine}: calls that are made together are each answered with what they did`, async (t) => {
    const server = await serve(t);
    const { lease } = await acquire(server, MANUAL, 'ann');
    for (let round = 0; round < 5; round++) {
      const locations = Array.from({ length: 6 }, (_, i) => `l${String(round)}-${String(i)}`);
      const updated = await Promise.all(
        locations.map((location) => server.inventory.call('updateBench', { bench: { name: 'twin1', location } })),
      );
      t.deepEqual(
        updated.map(({ bench }) => bench?.location),
        locations,
      );
      const etags = updated.map(({ bench }) => bench?.etag ?? '');
      t.is(new Set(etags).size, etags.length);
      const { bench } = await server.inventory.call('getBench', { name: 'twin1' });
      t.is(
        bench?.etag,
        etags.find((_, i) => locations[i] === bench?.location),
        'the etag is the one that was told',
      );

      const states = [ConditionState.OFFLINE, ConditionState.MAINTENANCE, ConditionState.QUARANTINED];
      const put = await Promise.all(
        states.map((state) =>
          server.inventory.call('setCondition', { name: 'twin2', condition: { state, reason: 'x' } }),
        ),
      );
      t.deepEqual(
        put.map(({ bench: one }) => one?.condition?.state),
        states,
      );

      const seconds = [100, 10_000, 1_000_000];
      const extended = await Promise.all(
        seconds.map((duration) =>
          server.lease.call('extend', { leaseId: lease.id, duration: { seconds: duration, nanos: 0 } }, 'ann'),
        ),
      );
      extended.forEach(({ lease: one }, i) => {
        const left = one?.remaining?.seconds ?? 0;
        t.true(left <= (seconds[i] ?? 0) && left > (seconds[i] ?? 0) / 2, `${String(left)} s`);
        t.is(one?.fencingToken, lease.fencingToken);
      });
    }
  });

  test(`${engine}: transfers, priorities and inventories that are made together are each answered with what they did`, async (t) => {
    const server = await serve(t);
    const { lease } = await acquire(server, MANUAL, 'ann');
    const waiters = ['w-1', 'w-2'].map((requestId) =>
      server.lease.open('acquire', { requirements: [{ bench: 'resource1' }], requestId }),
    );
    for (const waiter of waiters) await eventOf(waiter, 'queued');
    const priorities = [10, 90, 20].map((priority) =>
      server.lease.call('setPriority', { targetRequestId: 'w-2', priority }, 'op/admin'),
    );
    const benches = ['n1', 'n2'].map((name) =>
      server.inventory.call('applyInventory', { inventory: { $case: 'benches', value: { benches: [{ name }] } } }),
    );
    const bob = server.lease.call('transfer', { leaseId: lease.id, newOwner: 'bob', reason: 'x' });
    t.deepEqual(
      (await Promise.all(priorities)).map(({ request }) => [request?.priority, request?.position]),
      [
        [10, 2],
        [90, 1],
        [20, 2],
      ],
    );
    const [one, two] = await Promise.all(benches);
    t.deepEqual([one?.created, two?.created], [['n1'], ['n2']]);
    t.true((one?.revision ?? 0) < (two?.revision ?? 0));
    const { bench } = await server.inventory.call('getBench', { name: 'n1' });
    t.is(bench?.etag, one?.revision.toString(36), 'its revision is that of its last change');
    const { lease: moved } = await bob;
    const { lease: held } = await server.lease.call('getLease', { leaseId: moved?.id ?? '' });
    t.deepEqual([moved?.owner, moved?.fencingToken], ['bob', held?.fencingToken]);
    for (const waiter of waiters) waiter.hangUp();
  });
}
