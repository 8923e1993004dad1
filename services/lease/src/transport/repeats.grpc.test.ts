import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf, leaseOn } from './leases/acquire-events.fixture.js';
import { labEngines } from './lab-server.fixture.js';

const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

for (const [engine, serve] of labEngines(test)) {
  test(`${engine}: a repeated change of the inventory gets the first answer, whatever came after it`, async (t) => {
    const { inventory } = await serve(t);
    const properties = { key: 'a secret' };
    const create = { bench: { name: 'new', location: 'here', properties }, requestId: 'c-1' };
    const update = { bench: { name: 'new', location: 'there' }, requestId: 'u-1' };
    const offline = { name: 'new', condition: { state: ConditionState.OFFLINE, reason: 'x' }, requestId: 's-1' };
    const offer = { offer: { pool: 'p', available: 2 }, requestId: 'o-1' };
    const yaml = 'pool: { resources: { more: { location: x } } }';
    const apply = { inventory: { $case: 'yaml' as const, value: yaml }, requestId: 'a-1' };
    const calls = [
      () => inventory.call('createBench', create),
      () => inventory.call('updateBench', update),
      () => inventory.call('setCondition', offline),
      () => inventory.call('putOffer', offer),
      () => inventory.call('applyInventory', apply),
    ];
    const first: object[] = [];
    for (const call of calls) first.push(await call());
    t.like(first[0], { bench: { location: 'here', properties } });
    const inOrder = async (): Promise<object[]> => {
      const answers: object[] = [];
      for (const call of calls) answers.push(await call());
      return answers;
    };
    t.deepEqual(await inOrder(), first);
    await inventory.call('deleteBench', { name: 'new', requestId: 'd-1' });
    await inventory.call('deleteBench', { name: 'more' });
    await inventory.call('deleteOffer', { pool: 'p' });
    t.deepEqual(await inOrder(), first);
    t.true((await inventory.call('deleteBench', { name: 'new', requestId: 'd-1' })).removed);
    const { benches } = await inventory.call('listBenches', {});
    t.false(
      benches.some(({ name }) => name === 'new' || name === 'more'),
      'a repeat changes nothing',
    );
  });

  test(`${engine}: a call that changed nothing gets its answer again, and does not act after somebody else's change`, async (t) => {
    const { inventory } = await serve(t);
    const file = (location: string): { $case: 'yaml'; value: string } => ({
      $case: 'yaml',
      value: `pool: { resources: { listed: { location: ${location} } } }`,
    });
    await inventory.call('createBench', { bench: { name: 'b', location: 'here' } });
    await inventory.call('applyInventory', { inventory: file('here') });
    // An inventory that is so already tells what was committed last.
    const revision = async (location: string): Promise<number> =>
      (await inventory.call('applyInventory', { inventory: file(location) })).revision;
    const before = await revision('here');
    const calls = [
      () => inventory.call('updateBench', { bench: { name: 'b', location: 'here' }, requestId: 'u-1' }),
      () => inventory.call('applyInventory', { inventory: file('here'), requestId: 'a-1' }),
      () => inventory.call('deleteOffer', { pool: 'p', requestId: 'o-1' }),
    ];
    const first: object[] = [];
    for (const call of calls) first.push(await call());
    t.is(await revision('here'), before, 'nothing was committed');

    await inventory.call('updateBench', { bench: { name: 'b', location: 'there' } });
    await inventory.call('applyInventory', { inventory: file('there') });
    await inventory.call('putOffer', { offer: { pool: 'p', available: 2 } });
    const after = await revision('there');
    const again: object[] = [];
    for (const call of calls) again.push(await call());
    t.deepEqual(again, first);
    t.is(await revision('there'), after, 'a repeat changes nothing');
    const other = await inventory.refusal('updateBench', { bench: { name: 'b', location: 'x' }, requestId: 'u-1' });
    t.is(other.reason, 'REQUEST_ID_REUSED');
  });

  test(`${engine}: a repeated change of a lease gets the first answer, also when the lease is over`, async (t) => {
    const server = await serve(t);
    const { lease } = await acquire(server, MANUAL, 'ann');
    const waiter = server.lease.open('acquire', { requirements: [{ bench: 'resource1' }], requestId: 'w-1' });
    await eventOf(waiter, 'queued');
    const prioritise = { targetRequestId: 'w-1', priority: 70, requestId: 'p-1' };
    const extend = { leaseId: lease.id, duration: { seconds: 600, nanos: 0 }, requestId: 'e-1' };
    const transfer = { leaseId: lease.id, newOwner: 'bob', reason: 'shift', requestId: 't-1' };
    const prioritised = await server.lease.call('setPriority', prioritise);
    const extended = await server.lease.call('extend', extend, 'ann');
    const moved = await server.lease.call('transfer', transfer);
    t.true((await server.lease.call('release', { leaseId: moved.lease?.id ?? '' }, 'bob/user')).released);
    t.is((await leaseOn(waiter)).requestId, 'w-1');

    t.deepEqual(await server.lease.call('setPriority', prioritise), prioritised);
    const again = await server.lease.call('transfer', transfer);
    t.true((moved.lease?.fencingToken ?? 0) > lease.fencingToken);
    // What is left of it is told as it is now.
    t.deepEqual({ ...again.lease, remaining: undefined }, { ...moved.lease, remaining: undefined });
    const extendedAgain = await server.lease.call('extend', extend, 'ann');
    t.deepEqual({ ...extendedAgain.lease, remaining: undefined }, { ...extended.lease, remaining: undefined });
    const left = extendedAgain.lease?.remaining ?? { seconds: NaN, nanos: 0 };
    t.true(left.seconds < 600, `${String(left.seconds)} s`);
    waiter.hangUp();
  });

  test(`${engine}: another payload under the same id is told the first field that differs, a stated default is the same`, async (t) => {
    const server = await serve(t);
    const waits = { requirements: [{ bench: 'resource1' }], requestId: 'w-1' };
    const holds = { ...MANUAL, requestId: 'h-1', labels: { a: '1', b: '2' } };
    const held = await acquire(server, holds, 'ann/user');
    const waiting = server.lease.open('acquire', waits, 'ann/user');
    await eventOf(waiting, 'queued');
    const differs = async (request: object, caller = 'ann/user'): Promise<string | undefined> => {
      const error = await server.lease.open('acquire', request, caller).over;
      t.is(error?.reason, 'REQUEST_ID_REUSED', error?.text);
      return /another (\w+);/.exec(error?.fields[0] ?? '')?.[1];
    };
    t.is(await differs({ ...waits, priority: 60 }), 'priority');
    t.is(await differs({ ...waits, description: 'x', priority: 60 }), 'description');
    t.is(await differs({ ...waits, waitTimeout: { seconds: 9, nanos: 0 } }), 'wait_timeout');
    t.is(await differs({ ...holds, labels: { a: '1' } }), 'labels');
    t.is(await differs(waits, 'bob/user'), undefined);

    const none = { seconds: 0, nanos: 0 };
    const stated = { priority: 50, reconnectGrace: none, hold: HoldMode.CONNECTION };
    const again = server.lease.open(
      'acquire',
      { ...waits, ...stated, requirements: [{ bench: 'resource1', count: 1 }] },
      'ann/user',
    );
    await eventOf(again, 'queued');
    t.is((await waiting.over)?.reason, 'REQUEST_TAKEN_OVER');
    const sameLease = await acquire(server, { ...holds, labels: { b: '2', a: '1' }, priority: 50 }, 'ann/user');
    t.is(sameLease.lease.id, held.lease.id);

    await server.lease.call('release', { leaseId: held.lease.id }, 'ann/user');
    again.hangUp();
    // Both are over now: only what is remembered tells them from others.
    t.is(await differs({ ...holds, affinity: 'x' }), 'affinity');
    t.is(await differs(holds, 'bob/user'), undefined);
    const ended = await server.lease.open('acquire', { ...holds, reconnectGrace: none }, 'ann/user').over;
    t.is(ended?.reason, 'REQUEST_ENDED');
  });

  test(`${engine}: so it is with calls that change things`, async (t) => {
    const server = await serve(t);
    const { lease } = await acquire(server, MANUAL, 'ann');
    const transfer = { leaseId: lease.id, newOwner: 'bob', reason: 'shift', requestId: 't-1' };
    const { lease: moved } = await server.lease.call('transfer', transfer);
    t.is((await server.lease.call('transfer', { ...transfer, hold: HoldMode.MANUAL })).lease?.id, moved?.id);
    for (const [other, field] of [
      [{ ...transfer, newOwner: 'carol', reason: 'why' }, 'new_owner'],
      [{ ...transfer, reason: '' }, 'reason'],
      [{ ...transfer, hold: HoldMode.TTL, ttl: { seconds: 9, nanos: 0 } }, 'hold'],
    ] as const) {
      const { reason, text } = await server.lease.refusal('transfer', other);
      t.is(reason, 'REQUEST_ID_REUSED');
      t.regex(text, new RegExp(`another ${field};`));
    }
    const revoke = await server.lease.refusal('revoke', { leaseId: lease.id, reason: 'x', requestId: 't-1' });
    t.regex(revoke.text, /another payload, or by another caller or call/);
    const create = { bench: { name: 'new' }, requestId: 'c-1' };
    const created = await server.inventory.call('createBench', create);
    t.deepEqual(
      await server.inventory.call('createBench', { ...create, bench: { name: 'new', origin: 'inventory' } }),
      created,
    );
    const elsewhere = { ...create, bench: { name: 'new', location: 'x' } };
    t.regex((await server.inventory.refusal('createBench', elsewhere)).text, /another bench;/);
    const apply = (inventory: object): object => ({ inventory, requestId: 'a-1' });
    await server.inventory.call('applyInventory', apply({ $case: 'benches', value: { benches: [{ name: 'x' }] } }));
    const yaml = apply({ $case: 'yaml', value: 'pool: { resources: { y: {} } }' });
    t.regex((await server.inventory.refusal('applyInventory', yaml)).text, /another yaml;/);
  });
}
