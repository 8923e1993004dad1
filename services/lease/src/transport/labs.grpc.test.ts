import test from 'ava';
import { serveLab } from './lab-server.fixture.js';

test('a lab is made by a bench, an inventory or an offer; every other call is told that it is not there', async (t) => {
  const { lease, inventory } = await serveLab(t);
  const lab = 'east-1';
  const calls = [
    () => inventory.refusal('listBenches', { lab }),
    () => inventory.refusal('getBench', { lab, name: 'b1' }),
    () => inventory.refusal('exportInventory', { lab }),
    () => inventory.refusal('updateBench', { lab, bench: { name: 'b1', location: 'x' } }),
    () => inventory.refusal('deleteBench', { lab, name: 'b1' }),
    () => inventory.refusal('deleteOffer', { lab, pool: 'vms' }),
    () => lease.refusal('listLeases', { lab }),
    () => lease.refusal('listQueue', { lab }),
    () => lease.refusal('getLease', { lab, leaseId: 'x' }),
    () => lease.refusal('checkToken', { lab, bench: 'b1', fencingToken: 1 }),
    () => lease.refusal('release', { lab, leaseId: 'x' }),
  ];
  for (const call of calls) {
    const { reason, code, text } = await call();
    t.is(`${code} ${reason}`, 'NOT_FOUND NO_SUCH_LAB');
    t.regex(text, /there is no lab 'east-1'/);
  }
  t.like(await lease.open('watch', { lab }).over, { reason: 'NO_SUCH_LAB', code: 'NOT_FOUND' });
  const wanted = lease.open('acquire', { lab, requirements: [{ bench: 'b1' }] });
  t.like(await wanted.over, { reason: 'NO_SUCH_LAB' });

  await inventory.call('createBench', { lab, bench: { name: 'b1' } });
  t.deepEqual(
    (await inventory.call('listBenches', { lab })).benches.map(({ name }) => name),
    ['b1'],
  );
  await inventory.call('putOffer', {
    lab: 'pools',
    offer: { pool: 'vms', attributes: [{ name: 'vm' }], available: 1 },
  });
  t.is((await lease.call('listQueue', { lab: 'pools' })).waiting, 0);
  const yaml = 'pool: { resources: { r1: { attributes: [a] } } }';
  await inventory.call('applyInventory', { lab: 'west', inventory: { $case: 'yaml', value: yaml } });
  t.is((await inventory.call('listBenches', { lab: 'west' })).benches.length, 1);
  const near = await lease.open('watch', { lab: 'wes' }).over;
  t.regex(near?.text ?? '', /did you mean 'west'\?/);
});
