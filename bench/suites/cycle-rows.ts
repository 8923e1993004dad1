import type { CycleKind } from '../load/cycles.js';
import type { LoadProcess } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atLeast, atMost, ratioRow } from '../report/row.js';
import { median, quantile } from '../report/statistics.js';
import type { ServerProcess } from '../servers/server-process.js';
import type { BenchContext } from '../suite.js';
import type { Throughput } from './in-turns.js';
import { inTurns, runOnAll } from './in-turns.js';

/** 256 benches in 16 kinds: with 64 cycles under way there is always a free bench of the kind. */
export const CYCLE_INVENTORY = { count: 256, kinds: 16 };

const CONCURRENCY = 64;
const CONNECTIONS = 2;
const NAMES: Record<CycleKind, string> = {
  connection: 'CONNECTION: open, Granted, hang up',
  ttl: 'TTL: Acquire, Granted, Release',
};

export interface CycleServers {
  readonly ceiling: ServerProcess;
  readonly subject: ServerProcess;
  readonly load: readonly LoadProcess[];
}

/** Two rows: how many cycles a second go through, and how long they take when half as many are asked for. */
export async function cycleRows(
  { repeats, seconds }: BenchContext,
  { ceiling, subject, load }: CycleServers,
  how: CycleKind,
  leastRatio: number,
): Promise<readonly Row[]> {
  const base = { how, connections: CONNECTIONS, kinds: CYCLE_INVENTORY.kinds };
  const full = (server: ServerProcess) => () => runOnAll(load, server, { ...base, seconds, concurrency: CONCURRENCY });
  // The first turn warms both up.
  await full(ceiling)();
  await full(subject)();
  const rates = await inTurns(repeats, full(ceiling), full(subject));
  const perSecond = median(rates.map((pair) => pair.subject.perSecond)) / 2;
  const half = (server: ServerProcess) => () => runOnAll(load, server, { ...base, seconds, perSecond });
  const calm = await inTurns(repeats, half(ceiling), half(subject));
  const about = { name: NAMES[how], unit: 'cycles/s', target: atLeast(leastRatio), note: noteOf(rates) };
  const aboutP99 = {
    name: '  p99 at half that load',
    unit: 'ms',
    target: atMost(2),
    note: `at ${perSecond.toFixed(0)} cycles/s offered to both`,
  };
  return [
    ratioRow(
      about,
      rates.map((pair) => ({ ceiling: pair.ceiling.perSecond, subject: pair.subject.perSecond })),
    ),
    ratioRow(
      aboutP99,
      calm.map((pair) => ({ ceiling: p99(pair.ceiling), subject: p99(pair.subject) })),
    ),
  ];
}

function p99({ latencies }: Throughput): number {
  return quantile(latencies, 0.99);
}

function noteOf(pairs: readonly { readonly ceiling: Throughput; readonly subject: Throughput }[]): string {
  const used = (of: (pair: (typeof pairs)[number]) => Throughput): string => {
    const busy = 100 * median(pairs.map((pair) => of(pair).busy));
    return `${busy.toFixed(0)} %, ${median(pairs.map((pair) => of(pair).microsPerCycle)).toFixed(0)} µs a cycle`;
  };
  const waited = Math.max(...pairs.map((pair) => pair.subject.waited));
  return `processor of the ceiling ${used((pair) => pair.ceiling)}; of berthd ${used((pair) => pair.subject)}; ${String(waited)} cycles waited`;
}
