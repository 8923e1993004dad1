import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '@berth/testkit';
import { benchEntries, GRANTED, HOUR_MS, YEAR_HOURS, YEAR_START_MS } from '../load/booking-entries.js';
import type { LoadProcess } from '../load/load-process.js';
import { startLoad } from '../load/load-process.js';
import type { Row } from '../report/row.js';
import { atLeast, atMost, ratioRow } from '../report/row.js';
import { median } from '../report/statistics.js';
import { startBerthd } from '../servers/start-berthd.js';
import type { Postgres } from '../servers/start-postgres.js';
import { startPostgres } from '../servers/start-postgres.js';
import type { BenchContext, Suite } from '../suite.js';
import { inTurns } from './in-turns.js';
import { releaseAll } from './release-all.js';

const FEW = 1000;
const MANY = 100_000;
const ENDED = 1_000_000;

/** Bookings: what they cost with many of them in the ledger, and how fast the calendar of a year is told. */
export const booking: Suite = {
  name: 'booking',
  title: 'Booking: admission and availability with many bookings',
  run: (context) =>
    releaseAll(async (use) => {
      const [load] = startLoad(context, [context.cores.server]);
      if (load === undefined) throw new Error('no load process');
      await use(load);
      const rows = [
        await timelineRow(context, load),
        ...(await ledgerRows(context, load)),
        await startRow(context, load),
      ];
      if (findProgram('postgres') === undefined) return rows;
      // A process of its own: the ledgers of the rows before leave gigabytes to the collector of their process.
      const [asker] = startLoad(context, [context.cores.server]);
      if (asker === undefined) throw new Error('no load process');
      await use(asker);
      const postgres = await use(startPostgres(context.cores.server));
      return [...rows, await availabilityRow(context, asker, postgres)];
    }),
};

/** A booking that is checked, entered and taken back in the timeline of a cluster: with 100,000 in it, to 1,000. */
async function timelineRow({ repeats, scale }: BenchContext, load: LoadProcess): Promise<Row> {
  const many = MANY * scale;
  const of = (entries: number) => () => load.run('bookOnTimeline', { entries, times: 100_000 });
  await of(FEW)();
  await of(many)();
  const pairs = await inTurns(repeats, of(FEW), of(many));
  return ratioRow({ name: `timeline: a booking, ${many.toLocaleString('en')} to 1,000`, unit: 'µs' }, pairs);
}

/**
 * Bookings that 64 callers make in a ledger of SQLite, to a prepared insert loop; with 100,000 bookings in it, to 1,000; and
 * the state from the entries, to reading them.
 */
async function ledgerRows(
  { repeats, seconds, scale, dataRoot }: BenchContext,
  load: LoadProcess,
): Promise<readonly Row[]> {
  const entries = MANY * scale;
  const count = 10_000 * scale;
  const dir = mkdtempSync(join(dataRoot, 'ledger-'));
  const many = () => load.run('admitBookings', { dir, entries, count });
  // What is booked stays in the ledger, so each turn with few bookings has a ledger of its own.
  const few = () => load.run('admitBookings', { dir: mkdtempSync(join(dataRoot, 'few-')), entries: FEW, count: FEW });
  const insert = () => load.run('insertEntries', { dir, seconds });
  await many();
  await insert();
  const loops = await inTurns(repeats, insert, many);
  await few();
  const sizes = await inTurns(repeats, few, many);
  const replays = [];
  for (let i = 0; i < repeats; i++) replays.push(await load.run('replayLedger', { dir }));
  const bookings = entries.toLocaleString('en');
  return [
    ratioRow(
      {
        name: `bookings admitted, SQLite, ${bookings} there, to a prepared insert loop`,
        unit: '/s',
        target: atLeast(0.25),
      },
      loops.map(({ ceiling, subject }) => ({ ceiling: ceiling.perSecond, subject: subject.perSecond })),
    ),
    ratioRow(
      { name: `  processor time of a booking, ${bookings} there, to 1,000`, unit: 'µs', target: atMost(2) },
      sizes.map(({ ceiling, subject }) => ({ ceiling: ceiling.processorMicros, subject: subject.processorMicros })),
    ),
    ratioRow(
      {
        name: '  state from its entries, to reading them, a second of processor time',
        unit: '/s',
        target: atLeast(0.5),
      },
      replays.map(({ readMs, replayMs }) => ({ ceiling: 1000 / readMs, subject: 1000 / replayMs })),
    ),
  ];
}

/** From the start of berthd to SERVING with 1,000,000 bookings that ended long ago, to 1,000. */
async function startRow(context: BenchContext, load: LoadProcess): Promise<Row> {
  const { repeats, scale, dataRoot } = context;
  const ended = ENDED * scale;
  const filled = async (count: number): Promise<string> => {
    const dir = mkdtempSync(join(dataRoot, 'ended-'));
    await load.run('fillEnded', { dir, count });
    return dir;
  };
  const [few, many] = [await filled(FEW), await filled(ended)];
  const start = (dir: string) => () =>
    releaseAll(async (use) => (await use(startBerthd(context, { roles: ['booking'], dir }))).startMs);
  await start(few)();
  await start(many)();
  const pairs = await inTurns(repeats, start(few), start(many));
  const name = `start to SERVING, ${ended.toLocaleString('en')} ended long ago, to 1,000`;
  return ratioRow({ name, unit: 'ms', target: atMost(1.2) }, pairs);
}

/** The availability of a year by hour, to the join of bookings with generated hours in PostgreSQL, with an index for it. */
async function availabilityRow(
  { repeats, scale, dataRoot }: BenchContext,
  load: LoadProcess,
  postgres: Postgres,
): Promise<Row> {
  const entries = MANY * scale;
  await fill(postgres, dataRoot, entries);
  const last = String(YEAR_HOURS - 1);
  const hour = `int8range(${String(YEAR_START_MS)} + h * ${String(HOUR_MS)}, ${String(YEAR_START_MS)} + (h + 1) * ${String(HOUR_MS)})`;
  const join = `generate_series(0::int8, ${last}) h LEFT JOIN entries e ON e.span && ${hour}`;
  const sql = `SELECT ${String(GRANTED)} - coalesce(sum(e.cores), 0) FROM ${join} GROUP BY h ORDER BY h`;
  let rows: readonly (readonly string[])[] = [];
  const peer = async (): Promise<number> => {
    const answer = await postgres.query(sql);
    rows = answer.rows;
    return answer.ms;
  };
  const ours = async (): Promise<number> => median((await load.run('yearByHour', { entries, times: 5 })).ms);
  await peer();
  const { worst } = await load.run('yearByHour', { entries, times: 10 });
  // Bookings begin and end on the full hour here, so the join's sums are the worst of each hour.
  const differs = worst.findIndex((left, i) => String(left) !== rows[i]?.[0]);
  if (differs >= 0 || rows.length !== worst.length) throw new Error(`hour ${String(differs)} differs from PostgreSQL`);
  const about = `a year by hour, ${entries.toLocaleString('en')} bookings, to PostgreSQL's join`;
  return ratioRow({ name: about, unit: 'ms', target: atMost(0.01) }, await inTurns(repeats, peer, ours));
}

/** Puts the bookings into a table with an index on their spans, as a program with SQL would. */
async function fill(postgres: Postgres, dataRoot: string, count: number): Promise<void> {
  const dir = mkdtempSync(join(dataRoot, 'entries-'));
  const file = join(dir, 'entries.csv');
  const lines = benchEntries(count).map(
    ({ startMs, endMs, cores }) => `"[${String(startMs)},${String(endMs)})",${String(cores)}`,
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  await postgres.query(
    'CREATE TABLE entries (span int8range NOT NULL, cores int8 NOT NULL)',
    `\\copy entries FROM '${file}' (FORMAT csv)`,
    'CREATE INDEX ON entries USING gist (span)',
    'VACUUM (ANALYZE) entries',
    'SELECT 1',
  );
  rmSync(dir, { recursive: true });
}
