import { findProgram } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { LockServer } from '../load/lock-clients.js';
import type { LockJob, LockResult } from '../load/run-locks.js';
import type { Row } from '../report/row.js';
import { atLeast, atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startEtcd } from '../servers/start-etcd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const CLIENTS = 32;

/** Lock and unlock, both durable on the same disk, by one call each. etcd may use as many cores as the load leaves. */
export const etcd: Suite = {
  name: 'etcd',
  title: 'Lock and unlock against etcd (one node, fsync, same disk; its lock service)',
  missing: () =>
    findProgram('etcd') === undefined ? 'etcd is not on this machine (tools/test-servers etcd)' : undefined,
  run: (context) =>
    releaseAll(async (use) => {
      const { servers, load: loadCores } = halves(context);
      const berthd = await use(startBerthd(context, { inventory: { count: CLIENTS + 1, kinds: 1 }, cores: servers }));
      const peer = await use(startEtcd(context, servers));
      const load = startLoad(context, loadCores);
      for (const process of load) await use(process);
      const addresses = { berth: berthd.address, etcd: peer.address };
      const turns = (processes: readonly LoadProcess[], clients: number, names: LockJob['names']) => {
        const run = (server: LockServer) => () =>
          lockOnAll(processes, { server, address: addresses[server], clients, names, seconds: context.seconds });
        return inTurns(context.repeats, run('etcd'), run('berth'));
      };
      const single = load.slice(0, 1);
      return [
        rateRow('1 client', 3, await turns(single, 1, 'own')),
        rateRow(`${String(CLIENTS)} clients, a name each`, 1.3, await turns(load, CLIENTS, 'own')),
        // One process, so that one clock times both ends of a hand-off.
        ...handOffRows(await turns(single, CLIENTS, 'one')),
      ];
    }),
};

/** Servers on one half of the cores, the load on the other: etcd runs on several. */
function halves({ cores }: BenchContext): { servers: readonly number[]; load: readonly (readonly number[])[] } {
  if (cores.load.length < 3) return { servers: cores.server, load: cores.load };
  return { servers: [...cores.server, ...(cores.load[0] ?? [])], load: cores.load.slice(1) };
}

async function lockOnAll(load: readonly LoadProcess[], job: Omit<LockJob, 'firstName'>): Promise<LockResult> {
  const clients = Math.ceil(job.clients / load.length);
  const results = await Promise.all(
    load.map((process, i) => process.run('locks', { ...job, clients, firstName: i * clients })),
  );
  return {
    perSecond: results.reduce((total, { perSecond }) => total + perSecond, 0),
    handOffs: results.flatMap(({ handOffs }) => handOffs),
  };
}

type Turns = readonly { readonly ceiling: LockResult; readonly subject: LockResult }[];

function rateRow(name: string, least: number, turns: Turns): Row {
  const pairs = turns.map(({ ceiling, subject }) => ({ ceiling: ceiling.perSecond, subject: subject.perSecond }));
  return ratioRow({ name, unit: 'cycles/s', target: atLeast(least) }, pairs);
}

function handOffRows(turns: Turns): readonly Row[] {
  const at = (share: number): { ceiling: number; subject: number }[] =>
    turns.map(({ ceiling, subject }) => ({
      ceiling: quantile(ceiling.handOffs, share),
      subject: quantile(subject.handOffs, share),
    }));
  const name = `${String(CLIENTS)} clients, one name: hand-off`;
  return [
    ratioRow({ name: `${name} p50`, unit: 'ms', target: atMost(1) }, at(0.5)),
    ratioRow({ name: `${name} p99`, unit: 'ms', target: atMost(0.1) }, at(0.99)),
  ];
}
