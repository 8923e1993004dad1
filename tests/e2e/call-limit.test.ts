import { BerthError, connect } from '@berth/client';
import { closedAfter } from '@berth/testkit';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';
import { metricsOf } from '../driver/metrics.js';

/** More than a busy machine makes in the time of a few calls. */
const PER_SECOND = 0.5;

test('a caller over the limit is told when to come again, over gRPC and HTTP; others and the roles go on', async (t) => {
  const settings = { server: { maxCallsPerSecond: PER_SECOND }, http: { listen: '127.0.0.1:0' } };
  const berthd = await berthdOf(t, { inventory: inventoryOf(1), settings });
  const ann = closedAfter(t, connect({ address: berthd.address, user: 'ann' }));
  await ann.lease.listLeases({});
  const error = await t.throwsAsync(ann.lease.listLeases({}, { retry: false }), { instanceOf: BerthError });
  t.is(error.reason, 'RATE_LIMITED');
  t.true((error.details.retryAfterMs ?? 0) > 0 && (error.details.retryAfterMs ?? 0) <= 2000);
  const asked = (user: string) => fetch(`${berthd.http ?? ''}/v1/leases`, { headers: { 'berth-user': user } });
  const refused = await asked('ann');
  t.is(refused.status, 429);
  t.regex(refused.headers.get('retry-after') ?? '', /^[12]$/);
  t.is((await asked('bob')).status, 200, 'another caller');
  t.is((await fetch(`${berthd.http ?? ''}/readyz`)).status, 200, 'probes have no limit');
  const ended = await metricsOf(berthd.http ?? '');
  t.is(ended.get('berth_calls_total{method="berth.lease.v1.LeaseService/ListLeases",code="RESOURCE_EXHAUSTED"}'), 2);
});
