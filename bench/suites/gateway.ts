import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atLeast, atMost, plainRow, ratioRow } from '../report/row.js';
import { median, quantile } from '../report/statistics.js';
import { benchName, kindName } from '../servers/inventory.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import { startCeiling } from '../servers/start-ceiling.js';
import { startGateway } from '../servers/start-gateway.js';
import type { BenchContext, Suite } from '../suite.js';
import { CONCURRENCY } from './cycle-rows.js';
import { inTurns, runOnAll } from './in-turns.js';
import { releaseAll } from './release-all.js';

const INVENTORY = { count: 10, kinds: 1 };
const CONNECTIONS = 2;
const CANCELS = 300;
const STREAMS = 10_000;
/** For the memory of a process to come to rest. */
const REST_MS = 2000;

/** What a gateway between costs: client, gateway and role share two cores. */
export const gateway: Suite = {
  name: 'gateway',
  title: 'gRPC through a gateway, against the same calls made directly',
  run: async (context) => [...(await callRows(context)), await memoryRow(context)],
};

function callRows(context: BenchContext): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    // Its answers are taken from a berthd, which is not needed any more then.
    const direct = await releaseAll(async (only) =>
      use(startCeiling(context, await only(startBerthd(context, { inventory: INVENTORY })))),
    );
    const proxied = await use(startGateway(context, direct));
    const load = startLoad(context);
    for (const process of load) await use(process);
    return [...(await speedRows(context, direct, proxied, load)), await cancelRow(context, proxied, load)];
  });
}

async function speedRows(
  { repeats, seconds }: BenchContext,
  direct: ServerProcess,
  proxied: ServerProcess,
  load: readonly LoadProcess[],
): Promise<readonly Row[]> {
  const job = { how: 'echo', seconds, connections: CONNECTIONS, kinds: 1 } as const;
  const full = (server: ServerProcess) => () => runOnAll(load, server, { ...job, concurrency: CONCURRENCY });
  // The first turn warms both up.
  await full(direct)();
  await full(proxied)();
  const fast = await inTurns(repeats, full(direct), full(proxied));
  const perSecond = median(fast.map(({ subject }) => subject.perSecond)) / 2;
  const half = (server: ServerProcess) => () => runOnAll(load, server, { ...job, perSecond });
  const calm = await inTurns(repeats, half(direct), half(proxied));
  const micros = median(fast.map(({ subject }) => subject.microsPerCycle)).toFixed(0);
  return [
    ratioRow(
      {
        name: `unary echo, ${String(CONCURRENCY)} under way`,
        unit: 'calls/s',
        target: atLeast(0.55),
        note: `processor time of the gateway a call: ${micros} µs`,
      },
      fast.map(({ ceiling, subject }) => ({ ceiling: ceiling.perSecond, subject: subject.perSecond })),
    ),
    ratioRow(
      {
        name: '  p99 at half that load',
        unit: 'ms',
        target: atMost(3),
        note: `at ${perSecond.toFixed(0)} calls/s offered to both`,
      },
      calm.map(({ ceiling, subject }) => ({
        ceiling: quantile(ceiling.latencies, 0.99),
        subject: quantile(subject.latencies, 0.99),
      })),
    ),
  ];
}

/** From the cancel until the role has seen it, and said so to a watcher through the same gateway. */
async function cancelRow(context: BenchContext, proxied: ServerProcess, load: readonly LoadProcess[]): Promise<Row> {
  const [timer] = load;
  if (timer === undefined) throw new Error('no load process');
  const { address } = proxied;
  const pairs: { ceiling: number; subject: number }[] = [];
  // The first turn warms up.
  for (let i = 0; i <= context.repeats; i += 1) {
    const echo = await timer.run('echo', { address, calls: 2 * CANCELS });
    const cancels = await timer.run('cancels', { address, cancels: CANCELS });
    if (i > 0) pairs.push({ ceiling: quantile(echo, 0.99), subject: quantile(cancels, 0.99) });
  }
  const about = { name: 'cancel, until the role has seen it: p99', unit: 'ms', target: atMost(3) };
  return ratioRow({ ...about, note: 'ceiling: p99 of a unary echo through the gateway' }, pairs);
}

async function memoryRow(context: BenchContext): Promise<Row> {
  const kib: number[] = [];
  for (let i = 0; i < context.repeats; i += 1) kib.push(await kibPerStream(context));
  const count = (STREAMS * context.scale).toLocaleString('en');
  const about = { name: `memory of the gateway per stream, ${count} idle`, unit: 'KiB', target: atMost(20) };
  return plainRow({ ...about, note: 'over the idle process, garbage included' }, kib);
}

function kibPerStream(context: BenchContext): Promise<number> {
  return releaseAll(async (use) => {
    const role = await use(startBerthd(context, { inventory: INVENTORY }));
    const proxied = await use(startGateway(context, role));
    await sleep(REST_MS);
    const idle = proxied.residentKib();
    const [load] = startLoad(context, context.cores.load.slice(0, 1));
    if (load === undefined) throw new Error('no load process');
    await use(load);
    const streaming = STREAMS * context.scale;
    await load.run('joinCrowd', {
      address: proxied.address,
      kind: kindName(0),
      held: Array.from({ length: INVENTORY.count }, (_, i) => benchName(i)),
      detached: 0,
      streaming,
      connections: 4,
    });
    await sleep(REST_MS);
    return (proxied.residentKib() - idle) / streaming;
  });
}
