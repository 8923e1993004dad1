import { connect, Metadata } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { closedAfter, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const LOG = { format: 'json', access: 'all' };

/** The lines of the access log that belong to a trace. */
function linesOf({ log }: Berthd, traceId: string): string[] {
  return log.split('\n').flatMap((line) => {
    const entry = line.startsWith('{')
      ? (JSON.parse(line) as { msg: string; traceId?: string; method?: string })
      : undefined;
    return entry?.msg === 'call' && entry.traceId === traceId ? [entry.method ?? ''] : [];
  });
}

function traceOf(digit: string): { readonly traceId: string; readonly traceparent: string } {
  const traceId = `0af7651916cd43dd8448eb211c80319${digit}`;
  return { traceId, traceparent: `00-${traceId}-b7ad6b7169203331-01` };
}

async function leaseAndPool(t: ExecutionContext): Promise<{ readonly lease: Berthd; readonly pool: Berthd }> {
  const lease = await berthdOf(t, { inventory: inventoryOf(2), settings: { roles: ['lease'], log: LOG } });
  const settings = { roles: ['pool'], log: LOG, lease: { address: lease.address }, pool: { unknownTags: 'wait' } };
  return { lease, pool: await berthdOf(t, { settings }) };
}

test('a traceparent that a call comes with stands in the logs of its role, and of those which that one asks', async (t) => {
  const { lease, pool } = await leaseAndPool(t);
  const berth = closedAfter(t, connect({ address: pool.address, user: 'ann' }));
  const { traceId, traceparent } = traceOf('a');
  const metadata = Metadata({ traceparent });
  const { ticket } = await berth.pools.createTicket({ tags: ['b1'], requestId: 'one' }, { metadata });
  t.truthy(ticket?.number);
  await berth.pools.createTicket({ tags: ['b2'], requestId: 'two' });
  t.deepEqual(linesOf(pool, traceId), ['/berth.pool.v1.PoolService/CreateTicket']);
  t.deepEqual(linesOf(lease, traceId), ['/berth.lease.v1.LeaseService/Acquire'], 'and not that of the other ticket');
});

test('a traceparent of a request over HTTP goes on to the roles', async (t) => {
  const settings = { log: LOG, http: { listen: '127.0.0.1:0' } };
  const berthd = await berthdOf(t, { inventory: inventoryOf(1), settings });
  const { traceId, traceparent } = traceOf('b');
  const asked = await fetch(`${berthd.http ?? ''}/v1/benches`, { headers: { traceparent } });
  t.is(asked.status, 200);
  const created = await fetch(`${berthd.http ?? ''}/v1/benches`, {
    method: 'POST',
    headers: { traceparent, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'b9', location: 'lab' }),
  });
  t.is(created.status, 200, await created.text());
  // The line of a request over HTTP is written once its answer has left.
  await until(() => linesOf(berthd, traceId).length === 4, { what: 'all lines' });
  const lines = linesOf(berthd, traceId);
  t.deepEqual(
    lines.filter((method) => method.startsWith('/')).map((method) => method.split('/')[2]),
    ['ListBenches', 'CreateBench'],
  );
  t.deepEqual(
    lines.filter((method) => !method.startsWith('/')),
    ['GET /v1/benches', 'POST /v1/benches'],
  );
});
