import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireMongo, requireServer, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { startCluster } from '../driver/cluster.js';
import { berthdOf } from '../driver/engines.js';
import { bookings } from './scenarios/bookings.js';
import { commandLine } from './scenarios/command-line.js';
import type { LabUnderTest } from './scenarios/lab-under-test.js';
import { clusterLab, embeddedLab } from './scenarios/lab-under-test.js';
import { leases } from './scenarios/leases.js';
import { pools, POOLS } from './scenarios/pools.js';
import { tracking } from './scenarios/tracking.js';

const SCENARIOS = { leases, pools, tracking, bookings, commandLine };

function poolsFile(t: ExecutionContext): string {
  const file = join(tempFolder(t), 'pools.yaml');
  writeFileSync(file, POOLS);
  return file;
}

async function play(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const startedMs = performance.now();
    await scenario(t, lab);
    t.log(`${name}: ${(performance.now() - startedMs).toFixed(0)} ms`);
  }
}

test('lease, pool, tracker, booking and the command line, in one process', async (t) => {
  t.timeout(300_000);
  const settings = { http: { listen: '127.0.0.1:0' }, pool: { file: poolsFile(t) } };
  await play(t, embeddedLab(t, await berthdOf(t, { inventory: inventoryOf(2), settings })));
});

if (requireServer(test, 'redis-server') && requireMongo(test)) {
  test('the same in a cluster of real processes, behind two gateways with TLS and tokens', async (t) => {
    t.timeout(600_000);
    const settings = { pool: { pool: { file: poolsFile(t) } } };
    await play(t, clusterLab(await startCluster(t, { inventory: inventoryOf(2), settings })));
  });
}
