import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atLeast, atMost, plainRow, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { heapBytes, heapEnvironment } from '../servers/heap-bytes.js';
import { benchName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

/** Commands that run at the same time. */
const PARALLEL = 8;
const COMMAND = 'true';
const POOLS = `
once: { cmd_new: '${COMMAND}', cmd_delete: '${COMMAND}', max: ${PARALLEL}, max_starting: ${PARALLEL}, max_prealloc: 0, tags: [once] }
again:
  { cmd_new: '${COMMAND}', cmd_delete: '${COMMAND}', cmd_release: '${COMMAND}', max: 1, max_prealloc: 0, tags: [again],
    reuse_opportunity_time: 600, reuse_max_time: 0 }
never: { cmd_new: '${COMMAND}', cmd_delete: '${COMMAND}', state: paused, tags: [never] }
`;
const FEW = 10;
const MANY = 10_000;

/** Resources made by commands that do nothing, so that what pools add is what is measured. */
export const pool: Suite = {
  name: 'pool',
  title: 'Pools: tickets, and resources made by commands that do nothing',
  run: (context) =>
    releaseAll(async (use) => {
      const server = await use(startPools(context));
      const [load] = startLoad(context);
      const [bare] = startLoad(context, [context.cores.server]);
      if (load === undefined || bare === undefined) throw new Error('no load process');
      await use(load);
      await use(bare);
      return [
        await ticketsRow(context, server, load, bare),
        await passOnRow(context, server, load, bare),
        ...(await queueRows(context, load)),
      ];
    }),
};

function startPools(context: BenchContext, env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const file = join(mkdtempSync(join(context.dataRoot, 'pools-')), 'pools.yaml');
  writeFileSync(file, POOLS);
  const settings = { BERTH_POOL_FILE: file, ...env };
  return startBerthd(context, { roles: ['lease', 'pool'], inventory: { count: 1, kinds: 1 }, settings });
}

/** Each ticket needs a resource of its own: two commands. */
async function ticketsRow(
  { repeats, seconds }: BenchContext,
  server: ServerProcess,
  load: LoadProcess,
  bare: LoadProcess,
): Promise<Row> {
  const job = { address: server.address, tag: 'once', concurrency: PARALLEL };
  await load.run('runTickets', { ...job, seconds: 1 });
  const spawned = async (): Promise<number> => {
    server.pause();
    const runs = await bare.run('spawnCommands', { command: COMMAND, parallel: PARALLEL, seconds });
    server.resume();
    return runs.length / 2 / seconds;
  };
  const served = async (): Promise<number> => (await load.run('runTickets', { ...job, seconds })) / seconds;
  const about = { name: 'tickets, each with a resource of its own', unit: '/s', target: atLeast(0.5) };
  const note = `ceiling: cmd_new and cmd_delete by a bare loop, ${PARALLEL} at a time`;
  return ratioRow({ ...about, note }, await inTurns(repeats, spawned, served));
}

/** From closing a ticket until the next of the same sandbox is ready, with a cmd_release between them. */
async function passOnRow(
  { repeats, seconds, scale }: BenchContext,
  server: ServerProcess,
  load: LoadProcess,
  bare: LoadProcess,
): Promise<Row> {
  const { address } = server;
  const times = Math.max(30, Math.round(200 * scale));
  const p50 = (values: readonly number[]): number => quantile(values, 0.5);
  const job = { address, tag: 'again', sandbox: 'bench', times };
  await load.run('passOn', { ...job, times: 10 });
  const parts = async (): Promise<number> => {
    const bench = { bench: benchName(0), waiting: 1, handOffs: times, how: 'release' as const };
    const handOffs = await load.run('handOffs', { address, ...bench });
    const runs = await bare.run('spawnCommands', { command: COMMAND, parallel: 1, seconds: seconds / 4 });
    return p50(handOffs) + p50(runs);
  };
  const passed = async (): Promise<number> => p50(await load.run('passOn', job));
  const about = { name: 'close → next holder, with cmd_release: median', unit: 'ms', target: atMost(1.5) };
  const note = 'ceiling: a bare spawn and the hand-off of a lease';
  return ratioRow({ ...about, note }, await inTurns(repeats, parts, passed));
}

/** What a ticket costs when many wait. */
async function queueRows(context: BenchContext, load: LoadProcess): Promise<readonly Row[]> {
  const many = Math.round(MANY * context.scale);
  const pairs: { ceiling: number; subject: number }[] = [];
  const kibibytes: number[] = [];
  for (let i = 0; i < context.repeats; i += 1) {
    await releaseAll(async (use) => {
      const folder = mkdtempSync(join(context.dataRoot, 'heap-'));
      const server = await use(startPools(context, heapEnvironment(folder)));
      const job = { address: server.address, tag: 'never' };
      const made = async (): Promise<number> => {
        await load.run('timeTickets', { ...job, count: 20 });
        return quantile(await load.run('timeTickets', { ...job, count: 200 }), 0.5);
      };
      await load.run('queueTickets', { ...job, count: FEW });
      const ceiling = await made();
      const before = await heapBytes(server, folder);
      await load.run('queueTickets', { ...job, count: many - FEW });
      kibibytes.push(((await heapBytes(server, folder)) - before) / 1024 / many);
      pairs.push({ ceiling, subject: await made() });
    });
  }
  const waiting = many.toLocaleString('en');
  const about = { name: `CreateTicket, ${waiting} waiting: median`, unit: 'ms', target: atMost(1.3) };
  const memory = {
    name: `memory a waiting ticket, ${waiting} waiting`,
    unit: 'KiB',
    target: atMost(4),
    note: 'live heap',
  };
  return [ratioRow({ ...about, note: `ceiling: ${FEW} waiting` }, pairs), plainRow(memory, kibibytes)];
}
