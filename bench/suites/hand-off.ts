import { setTimeout as sleep } from 'node:timers/promises';
import type { HandOffJob } from '../load/hand-offs.js';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { benchName, kindName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startCeiling } from '../servers/start-ceiling.js';
import type { BenchContext, Suite } from '../suite.js';
import { releaseAll } from './release-all.js';

// All ten are of one kind, which the crowd wants; one is handed on, the others are held.
const INVENTORY = { count: 10, kinds: 1 };
const WAITING = 10;
const CROWD = { streaming: 10_000, detached: 90_000, connections: 4 };
const JOB = { bench: benchName(0), waiting: WAITING };
const SETTLE_MS = 1000;
const HOWS = ['hang up', 'release'] as const;

type How = HandOffJob['how'];
interface Turn {
  readonly echo: readonly number[];
  readonly few: readonly number[];
  readonly crowded: readonly number[];
}

/**
 * How long it takes until the next one holds the bench. The requests that are timed have a higher priority than the crowd
 * (so that a request without a stream is never next: it would be kept its bench, and no hand-off could be seen), and run in
 * another process than it (so that its position updates do not delay the clock).
 */
export const handOff: Suite = {
  name: 'hand-off',
  title: 'Hand-off: from hanging up, or sending Release, until the next one is told Granted',
  run: (context) =>
    releaseAll(async (use) => {
      const few = await use(startBerthd(context, { inventory: INVENTORY }));
      const crowded = await use(startBerthd(context, { inventory: INVENTORY }));
      const ceiling = await use(startCeiling(context, few));
      const load = startLoad(context);
      for (const process of load) await use(process);
      const [timer, ...others] = load;
      if (timer === undefined) throw new Error('no load process');
      // The bench that is handed on must be taken before the crowd comes.
      await timer.run('handOffs', { ...JOB, how: 'hang up', handOffs: 0, address: crowded.address });
      await gatherCrowd(context, others.at(-1) ?? timer, crowded);
      const rows: Row[] = [];
      for (const how of HOWS) rows.push(...(await rowsOf(context, timer, { few, crowded, ceiling }, how)));
      return rows;
    }),
};

async function gatherCrowd({ scale }: BenchContext, process: LoadProcess, server: ServerProcess): Promise<void> {
  await process.run('joinCrowd', {
    address: server.address,
    kind: kindName(0),
    held: Array.from({ length: INVENTORY.count - 1 }, (_, i) => benchName(i + 1)),
    streaming: CROWD.streaming * scale,
    detached: CROWD.detached * scale,
    connections: CROWD.connections,
  });
}

interface Servers {
  readonly few: ServerProcess;
  readonly crowded: ServerProcess;
  readonly ceiling: ServerProcess;
}

async function rowsOf(context: BenchContext, timer: LoadProcess, servers: Servers, how: How): Promise<readonly Row[]> {
  const turns: Turn[] = [];
  // The first turn warms up.
  for (let i = 0; i <= context.repeats; i++) {
    const turn = await oneTurn(context, timer, servers, how);
    if (i > 0) turns.push(turn);
  }
  const p99 = (values: readonly number[]): number => quantile(values, 0.99);
  const p50 = (values: readonly number[]): number => quantile(values, 0.5);
  const waiting = Math.round((CROWD.streaming + CROWD.detached) * context.scale).toLocaleString('en');
  return [
    ratioRow(
      {
        name: `${how}, ${String(WAITING)} waiting: p99`,
        unit: 'ms',
        target: atMost(3),
        note: 'ceiling: p99 of a unary echo',
      },
      turns.map(({ echo, few }) => ({ ceiling: p99(echo), subject: p99(few) })),
    ),
    ratioRow(
      {
        name: `${how}, ${waiting} waiting: p99`,
        unit: 'ms',
        target: atMost(1.3),
        note: `ceiling: ${String(WAITING)} waiting`,
      },
      turns.map(({ few, crowded }) => ({ ceiling: p99(few), subject: p99(crowded) })),
    ),
    ratioRow(
      { name: `${how}, ${waiting} waiting: median`, unit: 'ms', note: `ceiling: ${String(WAITING)} waiting` },
      turns.map(({ few, crowded }) => ({ ceiling: p50(few), subject: p50(crowded) })),
    ),
  ];
}

async function oneTurn(context: BenchContext, timer: LoadProcess, servers: Servers, how: How): Promise<Turn> {
  const { few, crowded, ceiling } = servers;
  const handOffs = Math.round(1000 * Math.max(context.scale, 0.3));
  const job = { ...JOB, handOffs, how };
  // Heartbeats of ten thousand streams would take part of the core.
  crowded.pause();
  const echo = await timer.run('echo', { address: ceiling.address, calls: 2 * handOffs });
  const fewTimes = await timer.run('handOffs', { ...job, address: few.address });
  crowded.resume();
  await sleep(SETTLE_MS);
  return { echo, few: fewTimes, crowded: await timer.run('handOffs', { ...job, address: crowded.address }) };
}
