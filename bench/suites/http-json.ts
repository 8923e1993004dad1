import { freePort } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atLeast, ratioRow } from '../report/row.js';
import { median } from '../report/statistics.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startServer } from '../servers/server-process.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const CONCURRENCY = 32;
const READS = [
  { name: 'one bench', path: '/benches/rack-0', target: atLeast(0.5) },
  { name: 'a page of 50 benches', path: '/benches?page_size=50', target: undefined },
] as const;

/** Reads over HTTP/JSON, against routes written by hand that make the same call in the same process. */
export const httpJson: Suite = {
  name: 'http-json',
  title: 'HTTP/JSON, against routes of Fastify written by hand that make the same call with the generated stub',
  run: (context) =>
    releaseAll(async (use) => {
      const httpPort = String(await freePort());
      const server = await use(
        startServer(() => [process.execPath, context.programs.httpJson], {
          cores: context.cores.server,
          env: (port) => ({ BENCH_PORT: String(port), BENCH_HTTP_PORT: httpPort }),
        }),
      );
      const load = startLoad(context);
      for (const process of load) await use(process);
      const rows: Row[] = [];
      for (const read of READS)
        rows.push(...(await rowsOf(context, server, load, `http://127.0.0.1:${httpPort}`, read)));
      return rows;
    }),
};

async function rowsOf(
  { seconds, repeats }: BenchContext,
  server: ServerProcess,
  load: readonly LoadProcess[],
  base: string,
  { name, path, target }: (typeof READS)[number],
): Promise<readonly Row[]> {
  const turn = (prefix: string) => async (): Promise<{ readonly perSecond: number; readonly micros: number }> => {
    const before = server.processorSeconds();
    const job = { url: `${base}/${prefix}${path}`, seconds, concurrency: Math.ceil(CONCURRENCY / load.length) };
    const done = await Promise.all(load.map((process) => process.run('httpCalls', job)));
    const calls = done.reduce((sum, one) => sum + one.calls, 0);
    return { perSecond: calls / seconds, micros: (1e6 * (server.processorSeconds() - before)) / calls };
  };
  // The first turn warms both up.
  await turn('hand')();
  await turn('v1')();
  const pairs = await inTurns(repeats, turn('hand'), turn('v1'));
  const micros = (of: (pair: (typeof pairs)[number]) => { readonly micros: number }): string =>
    median(pairs.map((pair) => of(pair).micros)).toFixed(0);
  return [
    ratioRow(
      {
        name,
        unit: 'calls/s',
        ...(target && { target }),
        note: `processor time of the server a call: by hand ${micros(({ ceiling }) => ceiling)} µs, by the rules ${micros(({ subject }) => subject)} µs`,
      },
      pairs.map(({ ceiling, subject }) => ({ ceiling: ceiling.perSecond, subject: subject.perSecond })),
    ),
  ];
}
