import { BerthError } from './berth-error.js';
import { connect } from './connect.js';
import { identityMetadata } from './identity.js';
import { startBerthd } from '@berth/testkit';
import test from 'ava';

test('a name that text cannot carry unharmed goes as bytes, and nothing of it is replaced', (t) => {
  t.deepEqual(identityMetadata({ user: 'ann lee' }), { 'berth-user': 'ann lee' });
  for (const user of ['jörg', 'jürg', ' ann', 'ann ', '李']) {
    t.deepEqual(identityMetadata({ user }), { 'berth-user-bin': new TextEncoder().encode(user) });
  }
  for (const user of ['a\nb', 'a\u0000', '\ud800', 'x\u0085', 'j\ufffdrg']) {
    t.throws(() => identityMetadata({ user }), { instanceOf: TypeError, message: /cannot be sent.*BERTH_USER/ });
  }
  t.throws(() => identityMetadata({ role: 'ö' }), { instanceOf: TypeError });
});

test('jürg cannot release the lease of jörg, and is told whose it is', async (t) => {
  const berthd = await startBerthd({ inventory: '{pool: {name: default, resources: {b1: {attributes: [a]}}}}' });
  t.teardown(() => berthd.stop());
  await using jörg = connect({ address: berthd.address, user: 'jörg', role: 'user' });
  await using jürg = connect({ address: berthd.address, user: 'jürg', role: 'user' });
  await using lease = await jörg.acquire({ bench: 'b1' });
  t.is(lease.lease.owner, 'jörg');
  const refused = await t.throwsAsync(jürg.lease.release({ leaseId: lease.id }), { instanceOf: BerthError });
  t.is(refused.reason, 'PERMISSION_DENIED');
  t.regex(refused.message, /jörg/);
  t.false(lease.signal.aborted);
});
