import { execFile } from 'node:child_process';
import { BerthError, connect, toTimeRange } from '@berth/client';
import { closedAfter, findProgram, requireServer, until } from '@berth/testkit';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';
import { metricsOf } from '../driver/metrics.js';
import { PoolLab } from '../driver/pool-lab.js';

const CYCLES = 40;
const LEASES = 'berth.lease.v1.LeaseService';

test('the counters agree with a known load', async (t) => {
  const settings = { roles: ['lease', 'tracker'], http: { listen: '127.0.0.1:0' } };
  const berthd = await berthdOf(t, { inventory: inventoryOf(3), settings });
  const url = berthd.http ?? '';
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann' }));
  const before = await metricsOf(url);
  for (let i = 0; i < CYCLES; i++) {
    const hold = i % 2 === 0 ? 'connection' : 'ttl';
    await using lease = await berth.acquire({ bench: 'b1', hold, ...(hold === 'ttl' && { ttl: '60s' }) });
    t.truthy(lease.id);
  }
  await using held = await berth.acquire({ bench: 'b2', priority: 70 });
  t.truthy(held.id);
  const refused = berth.acquire({ bench: 'b2', wait: 0 });
  await t.throwsAsync(refused, { message: /b2/ });
  const waits = new AbortController();
  const waiting = berth.acquire({ bench: 'b2', priority: 10, signal: waits.signal }).catch(() => 'gone');
  await until(async () => (await metricsOf(url)).get('berth_lease_waiting_requests') === 1, { what: 'one to wait' });
  const now = await metricsOf(url);
  const grown = (key: string): number => (now.get(key) ?? 0) - (before.get(key) ?? 0);
  t.is(grown('berth_lease_grants_total'), CYCLES + 1);
  t.is(now.get('berth_lease_leases'), 1);
  t.is(now.get('berth_lease_benches{state="leased"}'), 1);
  t.is(now.get('berth_lease_benches{state="free"}'), 2);
  t.is(grown('berth_lease_wait_seconds_count{priority="default"}'), CYCLES);
  t.is(grown('berth_lease_wait_seconds_count{priority="high"}'), 1);
  const ends = [...now.keys()].filter((key) => key.startsWith('berth_lease_ends_total')).map(grown);
  t.is(
    ends.reduce((sum, count) => sum + count, 0),
    CYCLES,
  );
  const appends = grown('berth_log_append_duration_seconds_count');
  t.true(appends >= CYCLES && appends <= 6 * CYCLES, String(appends));
  t.is(grown(`berth_calls_total{method="${LEASES}/Acquire",code="RESOURCE_EXHAUSTED"}`), 1);
  t.true(grown(`berth_calls_total{method="${LEASES}/Release",code="OK"}`) >= CYCLES / 2);
  t.is(now.get(`berth_open_streams{method="${LEASES}/Acquire"}`), 2);
  waits.abort();
  t.is(await waiting, 'gone');
  await until(async () => (await metricsOf(url)).get('berth_lease_requests_gone_total{reason="CANCELLED"}') === 1, {
    what: 'the request to be gone',
  });
});

test('pools and bookings are counted too', async (t) => {
  const lab = new PoolLab(t, { max: 2, options: '  max_prealloc: 2' });
  const settings = { http: { listen: '127.0.0.1:0' }, pool: { file: lab.file } };
  const berthd = await berthdOf(t, { settings });
  const url = berthd.http ?? '';
  const value = async (key: string): Promise<number | undefined> => (await metricsOf(url)).get(key);
  await until(async () => (await value('berth_pool_resources{state="UP"}')) === 2, {
    what: 'the resources',
    timeoutMs: 60_000,
  });
  t.is(await value('berth_pool_commands_total{command="new"}'), 2);
  t.is(await value('berth_pool_command_failures_total{command="new"}'), 0);
  t.is(await value('berth_pool_command_duration_seconds_count{command="new"}'), 2);
  const berth = closedAfter(t, connect({ address: berthd.address }));
  const range = toTimeRange('2090-01-01', '2090-01-31');
  await berth.capacity.createGrant({ grant: { range, amounts: { servers: 2 } }, requestId: 'grant' });
  const book = (servers: number) =>
    berth.bookings.createBooking({ booking: { spans: [{ range, amounts: { servers } }] } });
  await book(1);
  await book(1);
  const refused = await t.throwsAsync(book(1), { instanceOf: BerthError });
  t.is(refused.reason, 'NO_CAPACITY');
  t.is(await value('berth_bookings_admitted_total'), 2);
  t.is(await value('berth_bookings_refused_total{reason="NO_CAPACITY"}'), 1);
  t.true(((await value('berth_documents_duration_seconds_count{operation="write"}')) ?? 0) > 0);
});

if (requireServer(test, 'promtool')) {
  test('promtool has nothing against the metrics of a process with all roles, and no label is unbounded', async (t) => {
    const berthd = await berthdOf(t, { inventory: inventoryOf(2), settings: { http: { listen: '127.0.0.1:0' } } });
    const url = berthd.http ?? '';
    for (let i = 0; i < 30; i++) {
      const name = `caller-${String(i)}`;
      const berth = closedAfter(t, connect({ address: berthd.address, user: name }));
      await using lease = await berth.acquire({ bench: 'b1', labels: { name } });
      t.truthy(lease.id);
      await fetch(`${url}/${name}`);
    }
    const text = await (await fetch(`${url}/metrics`)).text();
    const checked = await new Promise<string>((resolve) => {
      const child = execFile(findProgram('promtool') ?? '', ['check', 'metrics'], (error, stdout, stderr) => {
        resolve(`${error === null ? 'ok' : String(error.code)} ${stdout}${stderr}`);
      });
      child.stdin?.end(text);
    });
    t.is(checked, 'ok ');
    t.notRegex(text, /caller-\d/);
    t.regex(text, /berth_http_requests_total\{route="none",status="404"\} 30/);
    t.true(text.split('\n').length < 2000, String(text.split('\n').length));
  });
}
