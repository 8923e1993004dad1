import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, startMongo } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { QueryName } from '../load/tracker-calls.js';
import { QUERIES } from '../load/tracker-calls.js';
import type { Place } from '../load/tracker-documents.js';
import type { Row } from '../report/row.js';
import { atMost, ratioRow } from '../report/row.js';
import { median } from '../report/statistics.js';
import { pinProcess } from '../servers/child-process.js';
import type { ServerProcess } from '../servers/server-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const SMALL = 10_000;
const LARGE = 1_000_000;

/** What a query costs with a hundred times as many allocations in the table: the small table is the ceiling. */
export const trackerQueries: Suite = {
  name: 'tracker-queries',
  title: 'Tracker: queries with many allocations, against the same with 10,000',
  run: async (context) => [
    ...(await sqliteRows(context)),
    ...(findProgram('mongod') === undefined ? [] : await mongoRows(context)),
  ],
};

interface Tables {
  readonly small: Place;
  readonly large: Place;
}

function sqliteRows(context: BenchContext): Promise<readonly Row[]> {
  const dirs = ['small', 'large'].map((name) => mkdtempSync(join(context.dataRoot, `${name}-`)));
  const [small = '', large = ''] = dirs;
  return rows(context, 'SQLite', { small: { dir: small }, large: { dir: large } }).finally(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });
}

function mongoRows(context: BenchContext): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    const { url, pid } = await use(startMongo({ onDisk: true }));
    pinProcess(pid, context.cores.store);
    const small = { mongo: { url, database: 'small' } };
    return rows(context, 'MongoDB', { small, large: { mongo: { url, database: 'large' } } });
  });
}

function rows(context: BenchContext, engine: string, { small, large }: Tables): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    const [load] = startLoad(context, context.cores.load.slice(-1));
    if (load === undefined) throw new Error('no load process');
    await use(load);
    const most = LARGE * context.scale;
    await load.run('fillTracker', { place: small, count: SMALL });
    await load.run('fillTracker', { place: large, count: most });
    const few = await use(startBerthd(context, { roles: ['tracker'], ...small }));
    const many = await use(startBerthd(context, { roles: ['tracker'], ...large }));
    const found: Row[] = [];
    for (const query of Object.keys(QUERIES) as QueryName[]) {
      found.push(await queryRow(context, load, { few, many }, query, `${engine}, ${most.toLocaleString('en')}`));
    }
    return found;
  });
}

async function queryRow(
  { repeats, seconds }: BenchContext,
  load: LoadProcess,
  { few, many }: { readonly few: ServerProcess; readonly many: ServerProcess },
  query: QueryName,
  about: string,
): Promise<Row> {
  const turnSeconds = seconds / 4;
  const of = (asked: ServerProcess, other: ServerProcess) => async (): Promise<number> => {
    other.pause();
    const latencies = await load.run('askTracker', { address: asked.address, query, seconds: turnSeconds });
    other.resume();
    return median(latencies);
  };
  await of(few, many)();
  await of(many, few)();
  const pairs = await inTurns(repeats, of(few, many), of(many, few));
  return ratioRow({ name: `${QUERIES[query]} (${about})`, unit: 'ms', target: atMost(1.5) }, pairs);
}
