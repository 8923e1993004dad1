import { findProgram } from '@berth/testkit';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, plainRow } from '../report/row.js';
import { countCommands } from '../servers/redis-commands.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startCeiling } from '../servers/start-ceiling.js';
import { startRedis } from '../servers/start-redis.js';
import type { BenchContext, Suite } from '../suite.js';
import type { CycleServers } from './cycle-rows.js';
import { CYCLE_INVENTORY, cycleRows, fullLoad } from './cycle-rows.js';
import { runOnAll } from './in-turns.js';
import { releaseAll } from './release-all.js';

/** The same cycles on a real Redis, set up as docs/cluster.md says: appendonly yes, appendfsync everysec. */
export const redisCycles: Suite = {
  name: 'redis',
  title: 'Lease cycles on Redis (appendonly, everysec), against handlers that do nothing',
  missing: () => (findProgram('redis-server') === undefined ? 'redis-server is not on this machine' : undefined),
  run: (context) =>
    releaseAll(async (use) => {
      const redis = await use(startRedis(context));
      const subject = await use(startBerthd(context, { inventory: CYCLE_INVENTORY, redisUrl: redis.url }));
      const ceiling = await use(startCeiling(context, subject));
      // Redis has a core of its own where there are enough.
      const { load: cores } = context.cores;
      const load = startLoad(context, cores.length > 1 ? cores.slice(1) : cores);
      for (const process of load) await use(process);
      const servers = { ceiling, subject, load };
      return [
        ...(await cycleRows(context, servers, 'connection', 1.6)),
        ...(await cycleRows(context, servers, 'ttl', 1.6)),
        await roundTripRow(context, servers, redis.port),
      ];
    }),
};

/** How many append scripts Redis ran for each batch that it stored. */
async function roundTripRow(context: BenchContext, { subject, load }: CycleServers, port: number): Promise<Row> {
  const perBatch: number[] = [];
  let names = '';
  for (let i = 0; i < context.repeats; i++) {
    const before = await countCommands(port);
    await runOnAll(load, subject, fullLoad('connection', context.seconds));
    const after = await countCommands(port);
    const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    perBatch.push((grown('evalsha') + grown('eval')) / grown('xadd'));
    names = [...after.keys()]
      .filter((name) => grown(name) > 0)
      .map((name) => `${name} ${String(grown(name))}`)
      .join(', ');
  }
  return plainRow(
    {
      name: 'scripts a batch',
      unit: '',
      target: atMost(1.05),
      note: `commands of the last turn, also those inside scripts: ${names}`,
    },
    perBatch,
  );
}
