import { connect } from '@berth/client';
import { closedAfter } from '@berth/testkit';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

test('without credentials a page of another site gets nothing from a lab', async (t) => {
  const berthd = await berthdOf(t, { inventory: inventoryOf(1), settings: { http: { listen: '127.0.0.1:0' } } });
  const url = `${berthd.http ?? ''}/lock?resource=b1&wait=0`;
  const refused = await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } });
  t.is(refused.status, 403);
  t.regex(await refused.text(), /FOREIGN_ORIGIN/);
  const berth = closedAfter(t, connect({ address: berthd.address }));
  t.deepEqual((await berth.lease.listLeases({})).leases, []);
});
