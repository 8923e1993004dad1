import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toTimeRange } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { requireMongo, requireServer, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import type { Cluster, ClusterRole } from '../driver/cluster.js';
import { startCluster } from '../driver/cluster.js';
import { SteadyLoad } from '../driver/steady-load.js';
import { WatchedLab } from '../driver/watched-lab.js';

const ROLES: readonly ClusterRole[] = ['lease', 'tracker', 'pool', 'booking', 'gateway'];
const POOLS = 'few:\n  cmd_new: echo "$BERTH_NAME"\n  cmd_delete: "true"\n  max: 2\n  tags: [few]\n';
const YEAR_MS = 365 * 86_400_000;

function poolsFile(t: ExecutionContext): string {
  const file = join(tempFolder(t), 'pools.yaml');
  writeFileSync(file, POOLS);
  return file;
}

/** Restarts a process well, and waits until the gateways know that it serves. */
async function restart(cluster: Cluster, role: ClusterRole, process: Berthd): Promise<void> {
  await process.kill('SIGTERM');
  await process.start();
  for (const gateway of cluster.of('gateway')) {
    await until(() => isReady(cluster, gateway), {
      what: `the gateway to be ready after a ${role}`,
      timeoutMs: 30_000,
    });
  }
}

async function isReady({ credentials }: Cluster, { http = '' }: Berthd): Promise<boolean> {
  const { get } = await import('node:https');
  return new Promise((resolve) => {
    get(`${http}/readyz`, { ca: credentials.authority.ca }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => {
      resolve(false);
    });
  });
}

if (requireServer(test, 'redis-server') && requireMongo(test)) {
  test('every process restarted one after another under load: nothing fails, and no lease is lost', async (t) => {
    t.timeout(600_000);
    const cluster = await startCluster(t, {
      inventory: inventoryOf(4),
      settings: { pool: { pool: { file: poolsFile(t) } } },
    });
    const range = toTimeRange(new Date(), new Date(Date.now() + YEAR_MS));
    await cluster.connect('op').capacity.createGrant({ grant: { range, amounts: { cores: 10 } } });
    const watched = new WatchedLab(cluster.connect('guest'));
    const load = new SteadyLoad({
      connect: cluster.connect,
      benches: ['b1', 'b2'],
      held: ['b3', 'b4'],
      tag: 'few',
    });
    t.teardown(() => {
      load.end();
    });
    await load.start();
    await load.more(3);
    for (const role of ROLES) {
      for (const [i, process] of cluster.of(role).entries()) {
        const startedMs = performance.now();
        await restart(cluster, role, process);
        await load.more(2);
        t.log(`${role} ${String(i + 1)}: ${(performance.now() - startedMs).toFixed(0)} ms`);
        t.deepEqual(load.failures, [], `after the restart of ${role} ${String(i + 1)}`);
      }
    }
    await load.stop();
    t.deepEqual(load.failures, []);
    t.is(watched.failure, undefined);
    watched.stop();
    t.log(load.done);
  });
}
