import { Status, connect } from '@berth/client';
import {
  berthCommandLine,
  closedAfter,
  freePort,
  requireMongo,
  requireServer,
  someMongo,
  startRedisServer,
  until,
} from '@berth/testkit';
import test from 'ava';
import { berthdOf } from '../driver/engines.js';
import { runProgram } from '../driver/run-program.js';

const TRACKER = 'berth.tracker.v1.AllocationService';
const LEASES = 'berth.lease.v1.LeaseService';

if (requireMongo(test) && requireServer(test, 'redis-server')) {
  test('no majority of lock servers: the tracker does not serve, log and doctor say why, and nobody collects', async (t) => {
    const mongo = await someMongo();
    t.teardown(() => mongo.stop());
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const one = await startRedisServer({ port: ports[0] });
    t.teardown(() => one.stop());
    const redis = ports.map((port) => `redis://127.0.0.1:${String(port)}`);
    const berthd = await berthdOf(t, {
      settings: {
        mongo: { url: mongo.url, database: mongo.database(t) },
        locks: { redis },
        tracker: { sweepMs: 200 },
      },
    });
    const berth = closedAfter(t, connect({ address: berthd.address, user: 'op', role: 'operator' }));
    const [program, ...first] = berthCommandLine();
    const doctor = () => runProgram(program, [...first, 'doctor', '--address', berthd.address]);
    await until(async () => (await berth.health(TRACKER)) === 'NOT_SERVING', {
      what: 'the tracker to say so',
      timeoutMs: 60_000,
    });
    t.is(await berth.health(LEASES), 'SERVING', 'leases need no locks');
    t.is(await berth.health(), 'NOT_SERVING');
    const { plan } = await berth.allocations.planCollection({ requestId: 'plan' });
    const call = berth.allocations.applyPlan({ planId: plan?.id ?? '' }, { retry: false });
    const error = await t.throwsAsync(call, { message: /no majority of the 3 Redis servers for locks answers/ });
    t.like(error, { code: Status.UNAVAILABLE, reason: 'STORE_UNAVAILABLE' });
    const said = await doctor();
    t.is(said.code, 69, said.stderr);
    t.regex(said.stdout, /NOT +health +NOT_SERVING/);
    t.regex(said.stdout, /NOT +locks of the tracker +no majority of the 3 Redis servers .*check that they run.*since/);

    const two = await startRedisServer({ port: ports[1] });
    t.teardown(() => two.stop());
    await until(async () => (await berth.health()) === 'SERVING', { what: 'all to serve', timeoutMs: 60_000 });
    t.regex((await doctor()).stdout, /ok +health +SERVING/);
    const told = berthd.log.split('\n').filter((line) => line.includes('locks of the tracker'));
    t.is(told.length, 2, 'one line when they went away, and one when they came back');
    t.deepEqual((await berth.allocations.applyPlan({ planId: plan?.id ?? '' })).outcomes, []);
  });
}
