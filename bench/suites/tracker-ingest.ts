import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, startMongo } from '@berth/testkit';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Place } from '../load/tracker-documents.js';
import type { Row } from '../report/row.js';
import { atLeast, ratioRow } from '../report/row.js';
import { quantile } from '../report/statistics.js';
import { pinProcess, processorSeconds } from '../servers/child-process.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const BATCH = 1000;
const CONCURRENCY = 2;

/**
 * Intents through BatchRegisterIntents, against inserting the same documents with the same indexes into the same engine by the
 * engine's own means. Compared is how many a second of processor time gets in: of berthd, or of the process that inserts,
 * and of mongod with either.
 */
export const trackerIngest: Suite = {
  name: 'tracker-ingest',
  title: `Tracker: intents in batches of ${BATCH.toLocaleString('en')}, against the engine's own batch insert`,
  run: async (context) => [
    ...(await sqliteRows(context)),
    ...(findProgram('mongod') === undefined ? [] : await mongoRows(context)),
  ],
};

function sqliteRows(context: BenchContext): Promise<readonly Row[]> {
  const dir = mkdtempSync(join(context.dataRoot, 'documents-'));
  return rows(context, 'SQLite', { dir }, () => 0).finally(() => {
    rmSync(dir, { recursive: true, force: true });
  });
}

function mongoRows(context: BenchContext): Promise<readonly Row[]> {
  return releaseAll(async (use) => {
    const mongo = await use(startMongo({ onDisk: true }));
    pinProcess(mongo.pid, context.cores.store);
    const place = { mongo: { url: mongo.url, database: 'ceiling' } };
    return rows(context, 'MongoDB (majority, journal)', place, () => processorSeconds(mongo.pid));
  });
}

interface Turn {
  readonly perSecond: number;
  /** A second of processor time, of the process and of its database server. */
  readonly perProcessorSecond: number;
  /** Of each batch, in ms. */
  readonly latencies: readonly number[];
}

/** `databaseSeconds` is the processor time of a database server beside the process that writes. */
function rows(
  context: BenchContext,
  engine: string,
  place: Place,
  databaseSeconds: () => number,
): Promise<readonly Row[]> {
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
    const { seconds, repeats } = context;
    let turn = 0;
    const insert = async (): Promise<Turn> => {
      subject.pause();
      const before = databaseSeconds();
      const { count, perSecond, processorSeconds } = await ceiling.run('insertDocuments', {
        ...{ place, batch: BATCH, seconds, turn: String(turn++) },
      });
      const used = processorSeconds + databaseSeconds() - before;
      subject.resume();
      return { perSecond, perProcessorSecond: count / used, latencies: [] };
    };
    const register = async (): Promise<Turn> => {
      const used = (): number => subject.processorSeconds() + databaseSeconds();
      const before = used();
      const { count, ...registered } = await registerOnAll(load, subject.address, seconds, String(turn++));
      return { ...registered, perProcessorSecond: count / (used() - before) };
    };
    await insert();
    await register();
    const turns = await inTurns(repeats, insert, register);
    const pairs = (figure: (turn: Turn) => number) =>
      turns.map((pair) => ({ ceiling: figure(pair.ceiling), subject: figure(pair.subject) }));
    const latencies = turns.flatMap((pair) => pair.subject.latencies);
    const ms = (share: number): string => `${quantile(latencies, share).toFixed(0)} ms`;
    return [
      ratioRow(
        {
          name: `intents a second of processor time, ${engine}`,
          unit: '/s',
          target: atLeast(0.7),
          note: `a batch of berthd, ${String(CONCURRENCY * load.length)} under way: p50 ${ms(0.5)}, p99 ${ms(0.99)}`,
        },
        pairs(({ perProcessorSecond }) => perProcessorSecond),
      ),
      ratioRow(
        { name: '  intents a second', unit: '/s' },
        pairs(({ perSecond }) => perSecond),
      ),
    ];
  });
}

/** Registers intents by all load processes, for so many seconds. */
export async function registerOnAll(load: readonly LoadProcess[], address: string, seconds: number, turn: string) {
  const job = { address, batch: BATCH, concurrency: CONCURRENCY, seconds };
  const all = await Promise.all(
    load.map((one, i) => one.run('registerIntents', { ...job, turn: `${turn}-${String(i)}` })),
  );
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    perSecond: all.reduce((sum, { perSecond }) => sum + perSecond, 0),
    latencies: all.flatMap(({ latencies }) => latencies),
  };
}
