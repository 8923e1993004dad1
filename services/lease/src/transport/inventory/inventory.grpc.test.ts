import { ConditionState, Recycle } from '@berth/proto/berth/lease/v1/bench';
import { HoldMode, WaitReason } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire, eventOf, leaseOn } from '../leases/acquire-events.fixture.js';
import { INVENTORY, serveLab } from '../lab-server.fixture.js';

const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

test('benches are listed by name, by requirement, by condition and in pages', async (t) => {
  const { inventory } = await serveLab(t);
  const names = async (request: object): Promise<string[]> =>
    (await inventory.call('listBenches', request)).benches.map(({ name }) => name);
  t.deepEqual(await names({}), ['resource1', 'twin1', 'twin2']);
  t.deepEqual(await names({ requirement: { query: 'attributes=twin' } }), ['twin1', 'twin2']);
  await inventory.call('setCondition', { name: 'twin1', condition: { state: ConditionState.OFFLINE, reason: 'dead' } });
  t.deepEqual(await names({ conditions: [ConditionState.OFFLINE] }), ['twin1']);
  const first = await inventory.call('listBenches', { pageSize: 2 });
  t.deepEqual(await names({ pageSize: 2, pageToken: first.nextPageToken }), ['twin2']);
  const counted = await inventory.refusal('listBenches', { requirement: { attributes: ['a'], count: 1 } });
  t.deepEqual(counted.fields, ['requirement.count: is not allowed in a list; leave it out']);
  t.is((await inventory.refusal('listBenches', { pageSize: -1 })).fields[0], 'page_size: must not be negative, got -1');
});

test('a new bench goes to whoever waits for one like it', async (t) => {
  const server = await serveLab(t);
  await acquire(server, MANUAL);
  const waiting = server.lease.open('acquire', { requirements: [{ attributes: ['a'] }] });
  await eventOf(waiting, 'queued');
  const bench = { name: 'b2', attributes: [{ name: 'a', weight: 3 }], labels: { os: 'linux' }, affinity: '' };
  const request = { bench, requestId: 'cb-1' };
  const { bench: made } = await server.inventory.call('createBench', request);
  t.deepEqual([made?.name, made?.origin, made?.condition?.state], ['b2', 'inventory', ConditionState.READY]);
  t.is((await leaseOn(waiting)).benches[0]?.name, 'b2');
  t.is((await server.inventory.call('createBench', request)).bench?.name, 'b2', 'a repeat has the same answer');
  const exists = await server.inventory.refusal('createBench', { bench });
  t.deepEqual([exists.code, exists.reason], ['ALREADY_EXISTS', 'BENCH_EXISTS']);
  waiting.hangUp();
});

test('a rehearsal answers as the real call would, and changes nothing', async (t) => {
  const { inventory } = await serveLab(t);
  const { bench } = await inventory.call('createBench', { bench: { name: 'b2' }, validateOnly: true, requestId: 'v' });
  t.is(bench?.name, 'b2');
  t.is((await inventory.refusal('getBench', { name: 'b2' })).reason, 'NO_SUCH_BENCH');
  t.is(
    (await inventory.refusal('createBench', { bench: { name: 'twin1' }, validateOnly: true })).reason,
    'BENCH_EXISTS',
  );
  const { removed } = await inventory.call('deleteBench', { name: 'twin1', validateOnly: true });
  t.true(removed);
  const applied = await inventory.call('applyInventory', {
    inventory: { $case: 'yaml', value: 'pool: { resources: { n: {} } }' },
    prune: true,
    validateOnly: true,
  });
  t.deepEqual([applied.created, applied.removed], [['n'], ['resource1', 'twin1', 'twin2']]);
  t.is((await inventory.call('listBenches', {})).benches.length, 3);
});

test('an update changes what it names, and only what the caller saw', async (t) => {
  const { inventory } = await serveLab(t);
  const { bench: before } = await inventory.call('getBench', { name: 'resource1' });
  const update = { bench: { name: 'resource1', etag: before?.etag ?? '', location: 'office2' }, requestId: 'ub-1' };
  const { bench: after } = await inventory.call('updateBench', update);
  t.deepEqual([after?.location, after?.attributes.length], ['office2', 2]);
  t.not(after?.etag, before?.etag);
  t.is((await inventory.call('updateBench', update)).bench?.location, 'office2', 'a repeat has the same answer');
  const stale = await inventory.refusal('updateBench', { ...update, requestId: 'ub-2' });
  t.deepEqual([stale.code, stale.reason], ['ABORTED', 'STALE_ETAG']);
  const { bench: cleared } = await inventory.call('updateBench', {
    bench: { name: 'resource1' },
    updateMask: ['location', 'entities'],
  });
  t.deepEqual([cleared?.location, cleared?.entities], ['', {}]);
});

test('a leased bench is removed after its lease, one that is waited for not without force', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL);
  const request = { name: 'resource1', requestId: 'db-1' };
  t.false((await server.inventory.call('deleteBench', request)).removed);
  t.true((await server.inventory.call('getBench', { name: 'resource1' })).bench?.deleting);
  await server.lease.call('release', { leaseId: lease.id });
  t.is((await server.inventory.refusal('getBench', { name: 'resource1' })).reason, 'NO_SUCH_BENCH');
  t.false((await server.inventory.call('deleteBench', request)).removed, 'a repeat has the same answer');

  const twin = await acquire(server, { requirements: [{ bench: 'twin1' }] });
  const waiting = server.lease.open('acquire', { requirements: [{ bench: 'twin1' }] });
  await eventOf(waiting, 'queued');
  const wanted = await server.inventory.refusal('deleteBench', { name: 'twin1' });
  t.deepEqual([wanted.code, wanted.reason], ['FAILED_PRECONDITION', 'BENCH_WANTED']);
  const idle = await server.inventory.refusal('deleteBench', { name: 'twin1', force: true, onlyIdle: true });
  t.deepEqual([idle.code, idle.reason], ['FAILED_PRECONDITION', 'BENCH_IN_USE']);
  const long = await server.inventory.refusal('deleteBench', { name: 'twin1', reason: 'x'.repeat(1025) });
  t.regex(long.fields[0] ?? '', /^reason: /);
  const byForce = { name: 'twin1', force: true, reason: 'it burns' };
  t.true((await server.inventory.call('deleteBench', byForce)).removed);
  t.regex((await eventOf(twin.stream, 'ended')).message, /removed 'twin1' by force: it burns$/);
  t.is((await waiting.over)?.reason, 'REQUEST_UNSATISFIABLE');
  t.is(await twin.stream.over, undefined);
});

test('an inventory file is applied as a whole, and exported in the same form', async (t) => {
  const { inventory } = await serveLab(t);
  const { yaml } = await inventory.call('exportInventory', {});
  const same = await inventory.call('applyInventory', { inventory: { $case: 'yaml', value: yaml }, prune: true });
  t.deepEqual(same.unchanged, ['resource1', 'twin1', 'twin2']);
  const changed = INVENTORY.replace('office1', 'office2')
    .replace(/ +twin2.*\n/, '')
    .replace('twin1:', 'twin3:');
  const request = { inventory: { $case: 'yaml' as const, value: changed }, prune: true, requestId: 'ai-1' };
  const applied = await inventory.call('applyInventory', request);
  t.deepEqual([applied.created, applied.updated, applied.removed], [['twin3'], ['resource1'], ['twin1', 'twin2']]);
  const again = await inventory.call('applyInventory', request);
  t.deepEqual(again.created, ['twin3'], 'a repeat has the same answer');
  const bad = await inventory.refusal('applyInventory', {
    inventory: { $case: 'yaml', value: changed.replace('attributes', 'atributes') },
  });
  t.deepEqual([bad.code, bad.reason], ['INVALID_ARGUMENT', 'INVALID_INVENTORY']);
  t.regex(
    bad.text,
    /line 6, column 7, pool\.resources\.resource1\.atributes: unknown key 'atributes'; did you mean 'attributes'/,
  );
  const messages = { $case: 'benches' as const, value: { benches: [{ name: 'twin3' }, { name: 'm1' }] } };
  const listed = await inventory.call('applyInventory', { inventory: messages });
  t.deepEqual([listed.created, listed.updated], [['m1'], ['twin3']]);
});

test('only operators find properties in an export', async (t) => {
  const { inventory } = await serveLab(t);
  t.true((await inventory.call('exportInventory', {}, 'op/operator')).yaml.includes('foobar'));
  const { yaml } = await inventory.call('exportInventory', {}, 'ann/user');
  t.false(yaml.includes('foobar'));
  t.true(yaml.startsWith('# Without properties'));
});

test('pool benches are exported only when asked for', async (t) => {
  const { inventory } = await serveLab(t);
  await inventory.call('createBench', { bench: { name: 'vm1', origin: 'pool/vms' } });
  t.false((await inventory.call('exportInventory', {})).yaml.includes('vm1'));
  t.true((await inventory.call('exportInventory', { includePools: true })).yaml.includes('vm1'));
});

test('a bench in maintenance is lent again when it is READY', async (t) => {
  const server = await serveLab(t);
  const until = new Date(4_000_000_000_000);
  const { bench } = await server.inventory.call(
    'setCondition',
    { name: 'twin1', condition: { state: ConditionState.MAINTENANCE, reason: 'fan', until }, requestId: 'sc-1' },
    'op/operator',
  );
  t.deepEqual([bench?.condition?.actor?.name, bench?.condition?.reason, bench?.condition?.until], ['op', 'fan', until]);
  const allowed = await acquire(server, { requirements: [{ bench: 'twin1' }], allowMaintenance: true });
  allowed.stream.hangUp();
  await server.inventory.call('setCondition', {
    name: 'twin1',
    condition: { state: ConditionState.READY },
    etag: bench?.etag ?? '',
  });
  const { stream } = await acquire(server, { requirements: [{ bench: 'twin1' }] });
  stream.hangUp();
});

test('a bench that is cleaned after each lease goes to the next when that is finished', async (t) => {
  const server = await serveLab(t);
  await server.inventory.call('updateBench', { bench: { name: 'resource1', recycle: Recycle.CLEAN } });
  const { lease } = await acquire(server, MANUAL);
  t.is(lease.benches[0]?.cleaningToken, 0);
  await server.lease.call('release', { leaseId: lease.id });
  const waiting = server.lease.open('acquire', MANUAL);
  const queued = await eventOf(waiting, 'queued');
  t.deepEqual([queued.reason, queued.candidates[0]?.cleaning], [WaitReason.CLEANING, true]);
  const { bench: dirty } = await server.inventory.call('getBench', { name: 'resource1' });
  t.like(dirty, { recycle: Recycle.CLEAN, cleaningToken: lease.fencingToken, leaseId: '' });

  const finish = { name: 'resource1', fencingToken: lease.fencingToken, affinity: '', requestId: 'fc-1' };
  const wrong = { ...finish, fencingToken: lease.fencingToken + 1, requestId: '' };
  const stale = await server.inventory.refusal('finishCleaning', wrong);
  t.deepEqual([stale.code, stale.reason], ['FAILED_PRECONDITION', 'STALE_TOKEN']);
  const { bench } = await server.inventory.call('finishCleaning', finish);
  const next = await leaseOn(waiting);
  t.like(bench, { cleaningToken: 0, leaseId: next.id });
  t.like((await server.inventory.call('finishCleaning', finish)).bench, { leaseId: next.id }, 'a repeat');
  const late = await server.inventory.refusal('finishCleaning', { ...finish, requestId: 'fc-2' });
  t.deepEqual([late.reason, late.text.includes(`lease '${next.id}' holds it by now`)], ['STALE_TOKEN', true]);

  await server.inventory.call('updateBench', { bench: { name: 'resource1' }, updateMask: ['recycle'] });
  await server.lease.call('release', { leaseId: next.id });
  t.is((await acquire(server, MANUAL)).lease.benches[0]?.recycle, Recycle.UNSPECIFIED, 'it needs no cleaning any more');
});

test('an offer makes requests wait that nothing else could serve', async (t) => {
  const server = await serveLab(t);
  const offer = { pool: 'vms', attributes: [{ name: 'vm' }], available: 0, blockedReason: 'quota is used up' };
  const { offer: put } = await server.inventory.call('putOffer', { offer, requestId: 'po-1' });
  t.true((put?.updateTime?.getTime() ?? 0) > 0);
  await server.inventory.call('putOffer', { offer, requestId: 'po-1' });
  t.is(put?.capacity, undefined);
  const capped = await server.inventory.call('putOffer', { offer: { ...offer, capacity: 4 } });
  t.is(capped.offer?.capacity, 4);
  const much = await server.lease.open('acquire', { requirements: [{ attributes: ['vm'], count: 5 }] }).over;
  t.is(much?.reason, 'NO_SUCH_BENCH');
  const special = await server.inventory.call('putOffer', { offer: { ...offer, onDemand: ['vm'] } });
  t.deepEqual(special.offer?.onDemand, ['vm']);
  const unknown = await server.inventory.refusal('putOffer', { offer: { ...offer, onDemand: ['vm', 'gpu'] } });
  t.deepEqual(unknown.fields, ["offer.on_demand[1]: is 'gpu'; the names of the offer's attributes are allowed"]);
  const wrong = await server.inventory.refusal('putOffer', { offer: { ...offer, capacity: -1 } });
  t.deepEqual(wrong.fields, ['offer.capacity: is -1; it must not be negative (leave it out for any number)']);
  const waiting = server.lease.open('acquire', { requirements: [{ attributes: ['vm'] }] });
  const queued = await eventOf(waiting, 'queued');
  t.deepEqual(
    queued.offers.map(({ pool, blockedReason }) => [pool, blockedReason]),
    [['vms', 'quota is used up']],
  );
  waiting.hangUp();
  await server.inventory.call('deleteOffer', { pool: 'vms', requestId: 'do-1' });
  await server.inventory.call('deleteOffer', { pool: 'vms', requestId: 'do-1' });
  const none = await server.lease.open('acquire', { requirements: [{ attributes: ['vm'] }] }).over;
  t.is(none?.reason, 'NO_SUCH_BENCH');
});
