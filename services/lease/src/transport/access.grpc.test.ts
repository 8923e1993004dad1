import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import test from 'ava';
import { acquire } from './leases/acquire-events.fixture.js';
import { serveLab } from './lab-server.fixture.js';

const MANUAL = { requirements: [{ bench: 'resource1' }], hold: HoldMode.MANUAL };

test('properties are for the holder and for operators', async (t) => {
  const server = await serveLab(t);
  const { lease } = await acquire(server, MANUAL, 'ann/user');
  const socket = async (caller: string): Promise<readonly (string | undefined)[]> => {
    const { bench } = await server.inventory.call('getBench', { name: 'resource1' }, caller);
    const { benches } = await server.inventory.call('listBenches', {}, caller);
    const { lease: read } = await server.lease.call('getLease', { leaseId: lease.id }, caller);
    const { leases } = await server.lease.call('listLeases', {}, caller);
    const seen = [bench, benches[0], read?.benches[0], leases[0]?.benches[0]];
    return seen.map((one) => one?.entities['dut']?.properties['socket']);
  };
  const shown = new Array(4).fill('127.0.0.1:4567');
  t.deepEqual(await socket('ann/user'), shown);
  t.deepEqual(await socket('op/operator'), shown);
  t.deepEqual(await socket('root/admin'), shown);
  t.deepEqual(await socket('bob/user'), new Array(4).fill(undefined));
  t.deepEqual(await socket('eve/viewer'), new Array(4).fill(undefined));
  t.deepEqual(await socket('anybody'), shown, 'without roles everybody is an operator');
});

test('a viewer may only read', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const refused = await lease.open('acquire', MANUAL, 'eve/viewer').over;
  t.deepEqual([refused?.code, refused?.reason], ['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  t.is(
    refused?.text,
    "eve has role 'viewer' and may not call LeaseService.Acquire; that takes role 'user'. Ask somebody who has it.",
  );
  for (const method of ['renew', 'release', 'extend', 'cancelRequest'] as const) {
    t.is((await lease.refusal(method, {}, 'eve/viewer')).reason, 'PERMISSION_DENIED', method);
  }
  t.is((await lease.converse('keepAlive', 'eve/viewer').over)?.reason, 'PERMISSION_DENIED');
  await lease.call('listLeases', {}, 'eve/viewer');
  await lease.call('listQueue', {}, 'eve/viewer');
  await lease.call('listReservations', {}, 'eve/viewer');
  await lease.call('checkToken', { bench: 'twin1' }, 'eve/viewer');
  await inventory.call('listBenches', {}, 'eve/viewer');
  await inventory.call('exportInventory', {}, 'eve/viewer');
  const watch = lease.open('watch', {}, 'eve/viewer');
  t.is((await watch.next()).changes.length, 3);
  watch.hangUp();
});

test('what concerns others takes an operator', async (t) => {
  const { lease, inventory } = await serveLab(t);
  for (const method of ['revoke', 'transfer', 'setPriority', 'putReservation', 'deleteReservation'] as const) {
    t.is((await lease.refusal(method, {}, 'ann/user')).reason, 'PERMISSION_DENIED', method);
  }
  const writes = [
    'createBench',
    'updateBench',
    'deleteBench',
    'applyInventory',
    'setCondition',
    'finishCleaning',
    'putOffer',
    'deleteOffer',
  ] as const;
  for (const method of writes) {
    t.is((await inventory.refusal(method, {}, 'ann/user')).reason, 'PERMISSION_DENIED', method);
  }
});

test('a priority above the cap of the role is refused', async (t) => {
  const { lease } = await serveLab(t);
  const error = await lease.open('acquire', { ...MANUAL, priority: 81 }, 'ann/user').over;
  t.deepEqual([error?.code, error?.reason], ['PERMISSION_DENIED', 'PRIORITY_NOT_ALLOWED']);
});

test('a token of benches changes their properties, labels and condition, and nothing else', async (t) => {
  const { inventory } = await serveLab(t);
  const pi = 'pi/viewer/resource1';
  const bench = { name: 'resource1', properties: { vpn: '10.0.0.9' }, labels: { at: 'home' } };
  const { bench: changed } = await inventory.call('updateBench', { bench }, pi);
  t.is(changed?.labels['at'], 'home');
  t.deepEqual(changed?.properties, {}, 'what others say of the bench is not for it');
  const { bench: seen } = await inventory.call('getBench', { name: 'resource1' }, 'op/operator');
  t.is(seen?.properties['vpn'], '10.0.0.9');
  const { yaml } = await inventory.call('exportInventory', {}, 'op/operator');
  t.false(yaml.includes('10.0.0.9'));
  await inventory.call('applyInventory', { inventory: { $case: 'yaml', value: yaml } }, 'op/operator');
  const { bench: applied } = await inventory.call('getBench', { name: 'resource1' }, 'op/operator');
  t.is(applied?.properties['vpn'], '10.0.0.9', 'the next apply does not wipe it');
  const condition = { state: ConditionState.MAINTENANCE, reason: 'I reboot' };
  t.is(
    (await inventory.call('setCondition', { name: 'resource1', condition }, pi)).bench?.condition?.reason,
    'I reboot',
  );

  for (const request of [
    { bench: { name: 'twin1', labels: { at: 'x' } } },
    { bench: { name: 'resource1', location: 'x' } },
    { bench: { name: 'resource1', labels: { at: 'x' } }, updateMask: ['labels', 'attributes'] },
  ]) {
    t.is((await inventory.refusal('updateBench', request, pi)).reason, 'PERMISSION_DENIED', JSON.stringify(request));
  }
  t.is((await inventory.refusal('setCondition', { name: 'twin1', condition }, pi)).reason, 'PERMISSION_DENIED');
  for (const method of ['createBench', 'deleteBench', 'applyInventory', 'finishCleaning', 'putOffer'] as const) {
    t.is((await inventory.refusal(method, {}, pi)).reason, 'PERMISSION_DENIED', method);
  }
  const large = { bench: { name: 'resource1', properties: { text: 'x'.repeat(16_000), more: 'y'.repeat(1000) } } };
  t.is((await inventory.refusal('updateBench', large, pi)).reason, 'INVALID_FIELD');
  const { bench: twin } = await inventory.call('getBench', { name: 'twin1' }, 'op/operator');
  t.deepEqual(twin?.labels, {});
});
