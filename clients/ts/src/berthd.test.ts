import { type Berthd, closedAfter, startBerthd, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { type Berth, connect } from './connect.js';
import { leaseFixture } from './fixtures.js';
import type { LeaseLostError } from './lease-lost-error.js';

const INVENTORY = `
pool:
  name: benches
  resources:
    bench1: { attributes: [a], entities: { dut: { attributes: [e], properties: { socket: '127.0.0.1:4567' } } } }
    bench2: { attributes: [b] }
    bench3: { attributes: [c] }
    bench4: { attributes: [d] }
    fixture: { attributes: [f] }
`;

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: INVENTORY });
});
test.after.always(async () => {
  await berthd.stop();
});

function client(t: ExecutionContext, user: string): Berth {
  return closedAfter(t, connect({ address: berthd.address, user }));
}

async function holder(berth: Berth, name: string): Promise<string> {
  return (await berth.inventory.getBench({ name })).bench?.holder ?? '';
}

const fixture = leaseFixture({ query: 'attributes=[f]', description: 'a fixture', server: {} });

test.serial('a bench is held with its properties, and free when the scope ends', async (t) => {
  const berth = client(t, 'ann');
  {
    await using lease = await berth.acquire({ query: 'attributes=[a]&entity_properties=[[e]]' });
    t.is(lease.benches[0].entities['dut']?.properties['socket'], '127.0.0.1:4567');
    t.is(await holder(berth, 'bench1'), 'ann');
    t.true((await berth.lease.checkToken({ bench: 'bench1', fencingToken: lease.fencingToken })).current);
  }
  t.is(await holder(berth, 'bench1'), '');
});

test.serial('a lease is handed on in the order of the queue, and closing the connection gives it back', async (t) => {
  const [tony, ann] = [client(t, 'tony'), client(t, 'ann')];
  await tony.acquire({ bench: 'bench1' });
  const holders: (string | undefined)[] = [];
  const waiting = ann.acquire({ bench: 'bench1', onQueued: ({ candidates }) => holders.push(candidates[0]?.holder) });
  await until(() => holders.length > 0, { what: 'a place in the queue' });
  t.deepEqual(holders, ['tony']);
  tony.close();
  const lease = await waiting;
  t.is(await holder(ann, 'bench1'), 'ann');
  await lease.release();
});

test.serial('revoking tells the holder who and why', async (t) => {
  const lease = await client(t, 'ann').acquire({ bench: 'bench2' });
  await client(t, 'bob').lease.revoke({ leaseId: lease.id, reason: 'demo' });
  await until(() => lease.signal.aborted, { what: 'the signal' });
  const { why, actor } = lease.signal.reason as LeaseLostError;
  t.deepEqual([why, actor], ['REVOKED', 'bob']);
});

test.serial('a TTL lease outlives its connection, is renewed, and is found lost when it was revoked', async (t) => {
  const berth = client(t, 'ann');
  const lease = await berth.acquire({ bench: 'bench2', hold: 'ttl', ttl: '3s' });
  const granted = performance.now();
  await until(() => performance.now() - granted > 6500, { what: 'more than two TTLs', timeoutMs: 20_000 });
  t.is(await holder(berth, 'bench2'), 'ann');
  await client(t, 'bob').lease.revoke({ leaseId: lease.id, reason: 'demo' });
  await until(() => lease.signal.aborted, { what: 'the signal' });
  t.is((lease.signal.reason as LeaseLostError).why, 'NO_SUCH_LEASE');
});

test.serial('giving up leaves nothing behind, whatever the hold', async (t) => {
  const berth = client(t, 'ann');
  await using _held = await client(t, 'tony').acquire({ bench: 'bench3' });
  for (const hold of ['connection', 'ttl', 'manual'] as const) {
    const controller = new AbortController();
    const options = { bench: 'bench3', hold, ...(hold === 'connection' && { reconnectGrace: '60s' }) };
    const enough = new Error('enough');
    const waiting = berth.acquire({
      ...options,
      signal: controller.signal,
      onQueued: () => {
        controller.abort(enough);
      },
    });
    t.is(await t.throwsAsync(waiting), enough, hold);
    await until(async () => (await berth.lease.listQueue({})).waiting === 0, { what: 'the queue to be empty' });
  }
});

test.serial('the watch goes on without a gap over a restart of the server', async (t) => {
  const berth = client(t, 'ann');
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { changes, snapshot } of berth.watch({ signal: stop.signal })) {
      for (const { kind } of changes) if (kind?.$case === 'leasePut' && !snapshot) seen.push(kind.value.description);
      if (snapshot && seen.length === 0) seen.push('snapshot');
    }
  })();
  await until(() => seen.length > 0, { what: 'the snapshot' });
  await (await berth.acquire({ bench: 'bench4', description: 'before' })).release();
  await until(() => seen.includes('before'), { what: 'the first lease' });
  await berthd.kill('SIGKILL');
  await berthd.start();
  await (await berth.acquire({ bench: 'bench4', description: 'after' })).release();
  await until(() => seen.includes('after'), { what: 'the second lease' });
  t.deepEqual([...new Set(seen)], ['snapshot', 'before', 'after']);
  stop.abort();
  await watching;
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test.serial(`those who wait keep their order over ${signal} and a restart`, async (t) => {
    const tony = client(t, 'tony');
    const { leases } = await tony.lease.listLeases({ bench: 'bench3' });
    t.deepEqual(leases, []);
    const held = await tony.acquire({ bench: 'bench3', hold: 'manual' });
    const order: string[] = [];
    const waiting = [];
    for (const user of ['first', 'second', 'third']) {
      let places = 0;
      const lease = client(t, user).acquire({ bench: 'bench3', onQueued: () => places++ });
      waiting.push(
        lease.then(async (granted) => {
          order.push(user);
          await granted.release();
        }),
      );
      await until(() => places > 0, { what: `${user} to wait` });
    }
    await berthd.kill(signal);
    await berthd.start();
    await until(
      async () => (await tony.lease.listQueue({})).requests.filter(({ detached }) => !detached).length === 3,
      { what: 'all to be back' },
    );
    await held.release();
    await Promise.all(waiting);
    t.deepEqual(order, ['first', 'second', 'third']);
  });
}

test.serial('held with a grace, the same lease and token are found again after kill -9 and restart', async (t) => {
  const berth = client(t, 'ann');
  let reconnecting = 0;
  const lease = await berth.acquire({ bench: 'bench4', reconnectGrace: '30s', onReconnecting: () => reconnecting++ });
  await berthd.kill('SIGKILL');
  await berthd.start();
  await until(() => reconnecting > 0, { what: 'the break to be noticed' });
  await until(async () => (await berth.lease.listLeases({ bench: 'bench4' })).leases[0]?.detached === false, {
    what: 'the stream to be attached again',
  });
  t.false(lease.signal.aborted);
  t.true((await berth.lease.checkToken({ bench: 'bench4', fencingToken: lease.fencingToken })).current);
  await lease.release();
});

test.serial('a fixture leases for a test file of ava', async (t) => {
  process.env['BERTH_ADDRESS'] = berthd.address;
  t.throws(() => fixture.lease, { message: /there is no lease/ });
  await fixture.acquire();
  t.is(fixture.lease.benches[0].name, 'fixture');
  await fixture.release();
  t.is(await holder(client(t, 'ann'), 'fixture'), '');
});

test.serial('a fixture leases for a test file of node:test', async (t) => {
  const { spawn } = await import('node:child_process');
  const source = `
    import { after, before, test } from 'node:test';
    import { leaseFixture } from '@berth/client/fixtures';
    const bench = leaseFixture({ query: 'attributes=[f]', description: 'node:test' });
    before(bench.acquire);
    after(bench.release);
    test('has the bench', () => { console.log('held ' + bench.lease.benches[0].name); });`;
  const args = ['--import=tsx', '--conditions=@berth/source', '--input-type=module', '-e', source];
  const child = spawn(process.execPath, args, {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, BERTH_ADDRESS: berthd.address, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.is(code, 0, output);
  t.regex(output, /held fixture/);
  t.is(await holder(client(t, 'ann'), 'fixture'), '');
});
