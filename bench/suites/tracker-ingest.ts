import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, startMongo } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Place } from '../load/tracker-documents.js';
import type { Row } from '../report/row.js';
import { atLeast, ratioRow } from '../report/row.js';
import { median } from '../report/statistics.js';
import { pinProcess } from '../servers/child-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const BATCH = 1000;
const CONCURRENCY = 2;

/** Intents through BatchRegisterIntents, against inserting the same documents with the same indexes into the same engine. */
export const trackerIngest: Suite = {
  name: 'tracker-ingest',
  title: `Tracker: intents in batches of ${BATCH.toLocaleString('en')}, against the engine's own batch insert`,
  run: async (context) => [
    await sqliteRow(context),
    ...(findProgram('mongod') === undefined ? [] : [await mongoRow(context)]),
  ],
};

function sqliteRow(context: BenchContext): Promise<Row> {
  const dir = mkdtempSync(join(context.dataRoot, 'documents-'));
  return row(context, 'SQLite', { dir }).finally(() => {
    rmSync(dir, { recursive: true, force: true });
  });
}

function mongoRow(context: BenchContext): Promise<Row> {
  return releaseAll(async (use) => {
    const mongo = await use(startMongo({ onDisk: true }));
    pinProcess(mongo.pid, context.cores.store);
    return row(context, 'MongoDB (majority, journal)', { mongo: { url: mongo.url, database: 'ceiling' } });
  });
}

function row(context: BenchContext, engine: string, place: Place): Promise<Row> {
  return releaseAll(async (use) => {
    const mongo = place.mongo && { ...place.mongo, database: 'berth' };
    const subject = await use(startBerthd(context, { roles: ['tracker'], ...(mongo && { mongo }) }));
    // The ceiling has the server's core, and the server is stopped meanwhile.
    const [ceiling] = startLoad(context, [context.cores.server]);
    if (ceiling === undefined) throw new Error('no load process');
    await use(ceiling);
    // MongoDB has a core of its own where there are enough.
    const { load: cores } = context.cores;
    const load = startLoad(context, place.mongo !== undefined && cores.length > 1 ? cores.slice(1) : cores);
    for (const process of load) await use(process);
    const { seconds } = context;
    let turn = 0;
    const insert = async (): Promise<number> => {
      subject.pause();
      const perSecond = await ceiling.run('insertDocuments', { place, batch: BATCH, seconds, turn: String(turn++) });
      subject.resume();
      return perSecond;
    };
    const busy: number[] = [];
    const register = async (): Promise<number> => {
      const before = subject.processorSeconds();
      const started = performance.now();
      const perSecond = await registered(load, subject.address, seconds, String(turn++));
      busy.push(((subject.processorSeconds() - before) * 1000) / (performance.now() - started));
      return perSecond;
    };
    await register();
    const pairs = await inTurns(context.repeats, insert, register);
    const note = `processor ${(100 * median(busy)).toFixed(0)} % (berthd)`;
    return ratioRow({ name: `intents, ${engine}`, unit: 'intents/s', target: atLeast(0.7), note }, pairs);
  });
}

async function registered(
  load: readonly LoadProcess[],
  address: string,
  seconds: number,
  turn: string,
): Promise<number> {
  const job = { address, batch: BATCH, concurrency: CONCURRENCY, seconds };
  const rates = await Promise.all(
    load.map((one, i) => one.run('registerIntents', { ...job, turn: `${turn}-${String(i)}` })),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}
