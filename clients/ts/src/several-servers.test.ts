import { type Berthd, closedAfter, requireServer, startBerthd, startRedisServer, until } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { connect } from './connect.js';

const INVENTORY = 'pool: { name: benches, resources: { b1: {}, b2: {}, b3: {} } }';

/** Two replicas on one Redis, and a client for both. */
async function replicas(t: ExecutionContext, lease: object = {}) {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const servers: Berthd[] = [];
  for (const inventory of [INVENTORY, undefined]) {
    const server = await startBerthd({
      redisUrl: redis.url,
      ...(inventory !== undefined && { inventory }),
      settings: { lease },
    });
    t.teardown(() => server.stop());
    servers.push(server);
  }
  const address = servers.map((server) => server.address).join(',');
  return { servers, berth: closedAfter(t, connect({ address, user: 'ann' })) };
}

if (requireServer(test, 'redis-server')) {
  test('leases, a wait and a watch go on while one server after the other is killed and comes back', async (t) => {
    // What hung on a server that is gone is taken up again no later than this.
    const { servers, berth } = await replicas(t, { sessionTtlMs: 2000 });
    const grace = { reconnectGrace: '60s' };
    const other = await berth.acquire({ bench: 'b1', hold: 'manual' });
    const held = [await berth.acquire({ bench: 'b2', ...grace }), await berth.acquire({ bench: 'b3', ...grace })];
    const waiting = berth.acquire({ bench: 'b1', ...grace });
    await until(async () => (await berth.lease.listQueue({ bench: 'b1' })).waiting === 1, { what: 'a place' });
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { changes } of berth.watch({ signal: stop.signal }))
        for (const { kind } of changes) if (kind?.$case === 'benchPut') seen.push(kind.value.name);
    })();
    const attached = async (): Promise<boolean> => {
      const { leases } = await berth.lease.listLeases({});
      const { requests } = await berth.lease.listQueue({});
      return [...leases, ...requests].every(({ detached }) => !detached);
    };
    for (const server of servers) {
      await server.kill('SIGKILL');
      const name = `made-without-${String(server.port)}`;
      await berth.inventory.createBench({ bench: { name } });
      await until(() => seen.includes(name), { what: `the watch to tell ${name}` });
      await until(attached, { what: 'all streams to be attached' });
      await server.start();
    }
    t.deepEqual(
      held.map(({ signal }) => signal.aborted),
      [false, false],
    );
    t.is(new Set(seen).size, seen.length, 'nothing is told twice');
    await other.release();
    const lease = await waiting;
    t.true((await berth.lease.checkToken({ bench: 'b1', fencingToken: lease.fencingToken })).current);
    for (const each of [lease, ...held]) await each.release();
    stop.abort();
    await watching;
  });

  test('servers that are restarted one after the other cost a lease without a grace nothing', async (t) => {
    const { servers, berth } = await replicas(t);
    const leases = [await berth.acquire({ bench: 'b1' }), await berth.acquire({ bench: 'b2' })];
    for (const server of servers) {
      await server.kill('SIGTERM');
      await server.start();
    }
    for (const { signal, benches, fencingToken } of leases) {
      t.false(signal.aborted, String(signal.reason));
      t.true((await berth.lease.checkToken({ bench: benches[0].name, fencingToken })).current);
    }
    for (const each of leases) await each.release();
  });
}
