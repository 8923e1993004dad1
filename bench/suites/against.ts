import { join } from 'node:path';
import { findProgram } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { benchName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import type { BerthdOptions } from '../servers/start-berthd.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startRedis } from '../servers/start-redis.js';
import type { BenchContext, Suite } from '../suite.js';
import { CONCURRENCY, CYCLE_INVENTORY, CYCLE_NAMES, fullLoad } from './cycle-rows.js';
import { inTurns, runOnAll } from './in-turns.js';
import type { Use } from './release-all.js';
import { releaseAll } from './release-all.js';
import { registerOnAll } from './tracker-ingest.js';

/**
 * Short turns, of which there are many: what else happens on the machine then meets both alike. They differ by 10 % from one
 * turn to the next: fifteen of them do not tell 3 % from nothing.
 */
const SECONDS = 2;
const CYCLE_TURNS = 4;
/**
 * Few hand-offs a turn take a fraction of a second, and one late wait for the disk is a turn's p99: so there are more turns of
 * them. Their medians differ by 8 % from one turn to the next; it takes some 180 turns to tell 3 % from nothing.
 */
const HAND_OFFS = 300;
const HAND_OFF_TURNS = 12;
/** Nothing may get slower by more than this. */
const TARGET = atMost(1.03);

/** The build of another checkout, which stands in the place of the ceiling, and ours. */
interface Two {
  readonly ceiling: ServerProcess;
  readonly subject: ServerProcess;
}

/** Two builds of berthd in turns under the same load: the one of the checkout in `folder`, and this one. */
export function against(folder: string): Suite {
  const program = join(folder, 'services/berthd/bin/berthd.js');
  return {
    name: 'against',
    title: `Against the berthd of ${folder}: what is smaller is better`,
    run: async (context) => [
      ...(await leaseRows(context, program, 'SQLite')),
      ...(findProgram('redis-server') === undefined ? [] : await leaseRows(context, program, 'Redis')),
      ...(await ingestRows(context, program)),
    ],
  };
}

function leaseRows(context: BenchContext, program: string, engine: 'SQLite' | 'Redis'): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    const two = await startTwo(context, program, use, async () => ({
      inventory: CYCLE_INVENTORY,
      ...(engine === 'Redis' && { redisUrl: (await use(startRedis(context))).url }),
    }));
    const load = startLoad(context);
    for (const process of load) await use(process);
    const rows: Row[] = [];
    for (const how of ['connection', 'ttl'] as const) {
      const measure = (server: ServerProcess) => runOnAll(load, server, fullLoad(how, SECONDS));
      const turns = await turnsOf(CYCLE_TURNS * context.repeats, two, measure);
      const name = `${engine}, ${CYCLE_NAMES[how]}`;
      rows.push(
        rowOf(`${name}: processor time`, 'µs', turns, ({ microsPerCycle }) => microsPerCycle),
        rowOf('  time of a cycle, 64 under way', 'ms', turns, ({ perSecond }) => (CONCURRENCY * 1000) / perSecond),
      );
    }
    return [...rows, ...(await handOffRows(context, two, load, engine))];
  });
}

async function handOffRows(
  context: BenchContext,
  two: Two,
  [timer]: readonly LoadProcess[],
  engine: string,
): Promise<readonly Row[]> {
  if (timer === undefined) throw new Error('no load process');
  const job = { bench: benchName(0), waiting: 10, handOffs: HAND_OFFS, how: 'hang up' } as const;
  const measure = ({ address }: ServerProcess) => timer.run('handOffs', { ...job, address });
  const turns = await turnsOf(HAND_OFF_TURNS * context.repeats, two, measure);
  return [0.5, 0.99].map((share) =>
    rowOf(`${engine}, hand-off: p${String(100 * share)}`, 'ms', turns, (latencies) => quantile(latencies, share)),
  );
}

function ingestRows(context: BenchContext, program: string): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    const two = await startTwo(context, program, use, () => Promise.resolve({ roles: ['tracker'] }));
    const load = startLoad(context);
    for (const process of load) await use(process);
    let turn = 0;
    const turns = await turnsOf(context.repeats, two, async (server) => {
      const before = server.processorSeconds();
      const { count } = await registerOnAll(load, server.address, SECONDS, String(turn++));
      return (1e6 * (server.processorSeconds() - before)) / count;
    });
    return [rowOf('SQLite, an intent in a batch: processor time', 'µs', turns, (micros) => micros)];
  });
}

async function startTwo(
  context: BenchContext,
  program: string,
  use: Use,
  options: () => Promise<BerthdOptions>,
): Promise<Two> {
  const ceiling = await use(startBerthd(context, { ...(await options()), program }));
  return { ceiling, subject: await use(startBerthd(context, await options())) };
}

/** The first turn of each warms up. The one that is not measured has nothing to do. */
async function turnsOf<T>(
  repeats: number,
  { ceiling, subject }: Two,
  measure: (server: ServerProcess) => Promise<T>,
): Promise<readonly { readonly ceiling: T; readonly subject: T }[]> {
  const both = [() => measure(ceiling), () => measure(subject)] as const;
  for (const warmUp of both) await warmUp();
  return inTurns(repeats, ...both);
}

function rowOf<T>(
  name: string,
  unit: string,
  turns: readonly { readonly ceiling: T; readonly subject: T }[],
  figure: (turn: T) => number,
): Row {
  const pairs = turns.map(({ ceiling, subject }) => ({ ceiling: figure(ceiling), subject: figure(subject) }));
  return ratioRow({ name, unit, target: TARGET }, pairs);
}
