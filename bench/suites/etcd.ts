import { findProgram } from '@berth/testkit';
import type { LockJob, LockResult } from '../load/run-locks.js';
import { LOCKS_PROGRAM, runLocks } from '../load/run-locks.js';
import type { Row, Target } from '../report/row.js';
import { atLeast, atMost, ratioRow } from '../report/row.js';
import { median, quantile } from '../report/statistics.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startEtcd } from '../servers/start-etcd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const CLIENTS = 32;
const PROGRAMS = ['etcd', LOCKS_PROGRAM];

/**
 * Lock and unlock, both durable on the same disk. One Go program drives both: etcd by its official client and the lock of that,
 * berthd by stubs generated from its protos.
 */
export const etcd: Suite = {
  name: 'etcd',
  title: 'Lock and unlock against etcd (one node, fsync, same disk; its own Go client)',
  missing: () => {
    const absent = PROGRAMS.filter((name) => findProgram(name) === undefined);
    return absent.length === 0 ? undefined : `not on this machine: ${absent.join(', ')} (tools/test-servers etcd)`;
  },
  run: (context) =>
    releaseAll(async (use) => {
      const { servers, load } = halves(context);
      const berth = await use(startBerthd(context, { inventory: { count: CLIENTS, kinds: 1 }, cores: servers }));
      const peer = { berth, etcd: await use(startEtcd(context, servers)) };
      const turns = (job: Pick<LockJob, 'clients' | 'oneName'>): Promise<Turns> => {
        const run = (server: LockJob['server']) => async (): Promise<Turn> => {
          const asked = peer[server];
          let before = 0;
          const begun = (): void => void (before = asked.processorSeconds());
          const whole = { ...job, server, address: asked.address, seconds: context.seconds };
          const result = await runLocks(whole, load, begun);
          return { ...result, serverSeconds: asked.processorSeconds() - before };
        };
        return inTurns(context.repeats, run('etcd'), run('berth'));
      };
      return [
        ...rateRows('1 client', 3, await turns({ clients: 1, oneName: false })),
        ...rateRows(`${String(CLIENTS)} clients, a name each`, 1.3, await turns({ clients: CLIENTS, oneName: false })),
        ...handOffRows(await turns({ clients: CLIENTS, oneName: true })),
      ];
    }),
};

/** Servers on one half of the cores, the load on the other: etcd runs on several. */
function halves({ cores }: BenchContext): { servers: readonly number[]; load: readonly number[] } {
  if (cores.load.length < 3) return { servers: cores.server, load: cores.load.flat() };
  return { servers: [...cores.server, ...(cores.load[0] ?? [])], load: cores.load.slice(1).flat() };
}

interface Turn extends LockResult {
  readonly serverSeconds: number;
}
type Turns = readonly { readonly ceiling: Turn; readonly subject: Turn }[];

function rateRows(name: string, least: number, turns: Turns): readonly Row[] {
  const busy = (of: (pair: Turns[number]) => Turn): string => {
    const share = (figure: (turn: Turn) => number): string =>
      `${(100 * median(turns.map((pair) => figure(of(pair)) / of(pair).seconds))).toFixed(0)} %`;
    return `${share(({ serverSeconds }) => serverSeconds)}, load ${share(({ loadSeconds }) => loadSeconds)}`;
  };
  const note = `processor of etcd ${busy(({ ceiling }) => ceiling)}; of berthd ${busy(({ subject }) => subject)}`;
  return [
    rowOf(name, 'cycles/s', turns, ({ cycles, seconds }) => cycles / seconds, atLeast(least), note),
    rowOf('  processor time of the server', 'µs/cycle', turns, (turn) => (1e6 * turn.serverSeconds) / turn.cycles),
  ];
}

function handOffRows(turns: Turns): readonly Row[] {
  const name = `${String(CLIENTS)} clients, one name: hand-off`;
  return [
    rowOf(`${name} p50`, 'ms', turns, ({ handOffs }) => quantile(handOffs, 0.5), atMost(1)),
    rowOf(`${name} p99`, 'ms', turns, ({ handOffs }) => quantile(handOffs, 0.99), atMost(0.1)),
  ];
}

function rowOf(
  name: string,
  unit: string,
  turns: Turns,
  figure: (turn: Turn) => number,
  target?: Target,
  note?: string,
): Row {
  const pairs = turns.map(({ ceiling, subject }) => ({ ceiling: figure(ceiling), subject: figure(subject) }));
  return ratioRow({ name, unit, ...(target && { target }), ...(note !== undefined && { note }) }, pairs);
}
