import type { CycleKind } from '../load/cycles.js';
import type { LoadProcess } from '../load/load-process.js';
import type { CyclesJob } from '../load/run-cycles.js';
import type { Row, RowDescription } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { median, quantile } from '../report/statistics.js';
import type { ServerProcess } from '../servers/server-process.js';
import type { BenchContext } from '../suite.js';
import type { Throughput } from './in-turns.js';
import { inTurns, runOnAll } from './in-turns.js';

/** 256 benches in 16 kinds: with 64 cycles under way there is always a free bench of the kind. */
export const CYCLE_INVENTORY = { count: 256, kinds: 16 };

export const CONCURRENCY = 64;
const CONNECTIONS = 2;
export const CYCLE_NAMES: Record<CycleKind, string> = {
  connection: 'CONNECTION: open, Granted, hang up',
  ttl: 'TTL: Acquire, Granted, Release',
  echo: 'echo: a unary call',
};

/** As many cycles as go through, with 64 under way at any time. */
export function fullLoad(how: CycleKind, seconds: number): Omit<CyclesJob, 'address'> {
  return { ...loadOf(how, seconds), concurrency: CONCURRENCY };
}

function loadOf(how: CycleKind, seconds: number): Omit<CyclesJob, 'address'> {
  return { how, seconds, connections: CONNECTIONS, kinds: CYCLE_INVENTORY.kinds };
}

export interface CycleServers {
  readonly ceiling: ServerProcess;
  readonly subject: ServerProcess;
  readonly load: readonly LoadProcess[];
}

/**
 * Three rows: what a cycle costs the server's processor, how many cycles a second go through, and how long they take when half
 * as many are asked for. The target is on the first: where the load is the limit, a server that costs more is not slower.
 */
export async function cycleRows(
  { repeats, seconds }: BenchContext,
  { ceiling, subject, load }: CycleServers,
  how: CycleKind,
  mostCost: number,
): Promise<readonly Row[]> {
  const full = (server: ServerProcess) => () => runOnAll(load, server, fullLoad(how, seconds));
  // The first turn warms both up.
  await full(ceiling)();
  await full(subject)();
  const fast = await inTurns(repeats, full(ceiling), full(subject));
  const perSecond = median(fast.map((pair) => pair.subject.perSecond)) / 2;
  const half = (server: ServerProcess) => () => runOnAll(load, server, { ...loadOf(how, seconds), perSecond });
  const calm = await inTurns(repeats, half(ceiling), half(subject));
  return [
    rowOf(fast, ({ microsPerCycle }) => microsPerCycle, {
      name: CYCLE_NAMES[how],
      unit: 'µs/cycle',
      target: atMost(mostCost),
      note: noteOf(fast),
    }),
    rowOf(fast, (turn) => turn.perSecond, { name: `  cycles/s, ${String(CONCURRENCY)} under way`, unit: 'cycles/s' }),
    rowOf(calm, ({ latencies }) => quantile(latencies, 0.99), {
      name: '  p99 at half that load',
      unit: 'ms',
      target: atMost(2),
      note: `at ${perSecond.toFixed(0)} cycles/s offered to both`,
    }),
  ];
}

type Turns = readonly { readonly ceiling: Throughput; readonly subject: Throughput }[];

function rowOf(turns: Turns, figure: (turn: Throughput) => number, about: RowDescription): Row {
  return ratioRow(
    about,
    turns.map(({ ceiling, subject }) => ({ ceiling: figure(ceiling), subject: figure(subject) })),
  );
}

function noteOf(turns: Turns): string {
  const busy = (of: (pair: Turns[number]) => Throughput): string =>
    `${(100 * median(turns.map((pair) => of(pair).busy))).toFixed(0)} %`;
  const waited = Math.max(...turns.map(({ subject }) => subject.waited));
  return `processor time of the server; ceiling ${busy(({ ceiling }) => ceiling)} busy, berthd ${busy(({ subject }) => subject)}; ${String(waited)} cycles waited`;
}
