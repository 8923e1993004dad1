import { BerthError, connect } from '@berth/client';
import { closedAfter, startBerthd } from '@berth/testkit';
import test from 'ava';
import { leaseParents } from './lease-parents.js';

const BENCHES = Array.from({ length: 12 }, (_, n) => `b${n}: { attributes: [a] }`).join(', ');
const INVENTORY = `pool: { name: p, resources: { ${BENCHES} } }`;

test('leases that are gone are told from those in force, and a lab that cannot be asked about concerns itself alone', async (t) => {
  const berthd = await startBerthd({ inventory: INVENTORY, settings: { roles: ['lease'] } });
  t.teardown(() => berthd.stop());
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'operator' }));
  const held: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    const { id } = await berth.acquire({ attributes: ['a'], hold: 'manual' });
    held.push(`lease/default/${id}`);
  }
  const refused: string[] = [];
  const parents = leaseParents(
    () => Promise.resolve(berth),
    (lab) => void refused.push(lab),
  );
  const others = ['lease/Lab_1/x', 'ticket/1', 'lease/default/ls-none', 'lease/default/ls-never'];
  for (const names of [
    [...others, ...held],
    [...others, ...Array.from({ length: 1500 }, (_, n) => `lease/default/never-${n}`), ...held],
  ]) {
    const { gone, unknown } = await parents.look(names);
    t.deepEqual(gone, new Set(names.filter((name) => /ls-none|never/.test(name))));
    t.deepEqual(unknown, new Set(['lease/Lab_1/x']));
  }
  t.deepEqual(refused, ['Lab_1'], 'told once');
  await berthd.kill('SIGKILL');
  await t.throwsAsync(parents.look(held), { instanceOf: BerthError });
});
