import type { HandOffJob } from '../load/hand-offs.js';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { benchName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const FEW = { count: 10, kinds: 1 };
const MANY = { count: 1010, kinds: 1 };
const RESERVED = 1000;
const SHUT_OUT = 10_000;
/** Reservations begin later than a lease that is handed on lasts, and sooner than those who are shut out would need. */
const IN_SECONDS = 7200;
const JOB = { bench: benchName(0), waiting: 10, maxSeconds: 3000 };
/** Turns that are not measured, until the code of a server that has just started is as fast as it gets. */
const WARM_UPS = 5;
/** A turn is short: there are more of them. */
const TURNS = 3;
const HOWS = ['hang up', 'release'] as const;
const CASES = [
  { name: '1,000 reservations of the bench', inventory: FEW, prepare: reserveTheBench },
  { name: '1,000 other benches reserved', inventory: MANY, prepare: reserveOthers },
  { name: '10,000 before them who are shut out, each for a time of its own', inventory: FEW, prepare: letWait },
] as const;

/** Hand-offs with reservations in the lab, each against one without any. */
export const reservations: Suite = {
  name: 'reservations',
  title: 'Hand-off with reservations: from giving a bench back until the next one is told Granted',
  run: (context) =>
    releaseAll(async (use) => {
      const plain = await use(startBerthd(context, { inventory: FEW }));
      const load = startLoad(context);
      for (const process of load) await use(process);
      const [timer] = load;
      if (timer === undefined) throw new Error('no load process');
      const rows: Row[] = [];
      for (const { name, inventory, prepare } of CASES) {
        const server = await use(startBerthd(context, { inventory }));
        // The bench must be taken before others come for it.
        await timer.run('handOffs', { ...JOB, how: 'release', handOffs: 0, address: server.address });
        await prepare(context, timer, server);
        for (const how of HOWS) rows.push(...(await rowsOf(context, timer, { plain, server, name, how })));
      }
      return rows;
    }),
};

async function reserveTheBench({ scale }: BenchContext, timer: LoadProcess, { address }: ServerProcess): Promise<void> {
  const benches = [JOB.bench];
  await timer.run('reserveBenches', { address, benches, each: RESERVED * scale, inSeconds: IN_SECONDS });
}

async function reserveOthers({ scale }: BenchContext, timer: LoadProcess, { address }: ServerProcess): Promise<void> {
  const benches = Array.from({ length: RESERVED * scale }, (_, i) => benchName(FEW.count + i));
  await timer.run('reserveBenches', { address, benches, each: 1, inSeconds: IN_SECONDS });
}

async function letWait({ scale }: BenchContext, timer: LoadProcess, { address }: ServerProcess): Promise<void> {
  const { bench } = JOB;
  await timer.run('reserveBenches', { address, benches: [bench], each: 1, inSeconds: IN_SECONDS });
  await timer.run('joinShutOut', { address, bench, count: SHUT_OUT * scale, fromSeconds: 2 * IN_SECONDS });
}

interface Case {
  readonly plain: ServerProcess;
  readonly server: ServerProcess;
  readonly name: string;
  readonly how: HandOffJob['how'];
}

async function rowsOf(
  context: BenchContext,
  timer: LoadProcess,
  { plain, server, name, how }: Case,
): Promise<readonly Row[]> {
  const job = { ...JOB, how, handOffs: Math.round(1000 * Math.max(context.scale, 0.3)) };
  const handOffs = (server: ServerProcess) => () => timer.run('handOffs', { ...job, address: server.address });
  const [ofPlain, ofSubject] = [handOffs(plain), handOffs(server)];
  // The server without reservations has served the cases before; the other one has just started.
  for (let i = 0; i < WARM_UPS; i++) await ofSubject();
  await ofPlain();
  const turns = await inTurns(TURNS * context.repeats, ofPlain, ofSubject);
  const rowOf = (q: number, what: string, target?: ReturnType<typeof atMost>): Row =>
    ratioRow(
      { name: `${how}, ${name}: ${what}`, unit: 'ms', note: 'ceiling: no reservation', ...(target && { target }) },
      turns.map(({ ceiling, subject }) => ({ ceiling: quantile(ceiling, q), subject: quantile(subject, q) })),
    );
  return [rowOf(0.5, 'median', atMost(1.1)), rowOf(0.99, 'p99')];
}
