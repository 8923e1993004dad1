// The benchmarks. Arguments: names of suites (all when there are none), --quick for fewer repeats and smaller crowds,
// --against FOLDER for a comparison with the berthd that was built in another checkout.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPrograms } from './build-programs.js';
import { placeOnCores } from './cores.js';
import type { SuiteResult } from './report/results.js';
import { machineFacts, writeResults } from './report/results.js';
import { table } from './report/table.js';
import { pinProcess } from './servers/child-process.js';
import type { BenchContext, Suite } from './suite.js';
import { against } from './suites/against.js';
import { booking } from './suites/booking.js';
import { cycles } from './suites/cycles.js';
import { etcd } from './suites/etcd.js';
import { footprint } from './suites/footprint.js';
import { handOff } from './suites/hand-off.js';
import { pool } from './suites/pool.js';
import { redisCycles } from './suites/redis-cycles.js';
import { reservations } from './suites/reservations.js';
import { sweep } from './suites/sweep.js';
import { trackerIngest } from './suites/tracker-ingest.js';
import { trackerQueries } from './suites/tracker-queries.js';
import { watchers } from './suites/watchers.js';

const SUITES: readonly Suite[] = [
  cycles,
  redisCycles,
  handOff,
  reservations,
  watchers,
  etcd,
  trackerIngest,
  trackerQueries,
  sweep,
  pool,
  booking,
  footprint,
];
const FULL = { repeats: 5, seconds: 4, scale: 1 };
const QUICK = { repeats: 2, seconds: 3, scale: 0.1 };
/** So many times the turns for two builds that may differ by a few per cent. */
const PAIRS = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, against: { type: 'string' } },
});
const chosen = values.against === undefined ? choose(positionals) : [against(resolve(values.against))];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dataParent = join(root, '.cache/bench');
mkdirSync(dataParent, { recursive: true });
const dataRoot = mkdtempSync(join(dataParent, 'data-'));
process.once('exit', () => {
  rmSync(dataRoot, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const cores = placeOnCores();
const facts = machineFacts(cores);
if (!cores.pinned) console.log('One core, or no taskset: server and load share the cores, and the ratios say little.');
// This process only waits, but its looking whether a server serves must not take the server's core.
pinProcess(process.pid, cores.load.flat());
const programs = await buildPrograms(root);
const effort = values.quick === true ? QUICK : FULL;
const repeats = values.against === undefined ? effort.repeats : PAIRS * effort.repeats;
const context: BenchContext = { root, dataRoot, cores, programs, ...effort, repeats };

const results: SuiteResult[] = [];
for (const suite of chosen) results.push(await runSuite(suite));
const path = writeResults(root, { ...facts, quick: values.quick === true }, results);
console.log(`\nFigures: median (smallest–largest) of ${String(context.repeats)} turns; all of them are in ${path}`);

async function runSuite({ name, title, missing, run }: Suite): Promise<SuiteResult> {
  const skipped = missing?.();
  if (skipped !== undefined) {
    console.log(`\n${title}\nleft out: ${skipped}`);
    return { suite: name, rows: [], skipped };
  }
  const rows = await run(context);
  console.log(table(title, rows));
  return { suite: name, rows };
}

function choose(names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return SUITES;
  return names.map((name) => {
    const suite = SUITES.find((one) => one.name === name);
    if (suite !== undefined) return suite;
    console.error(`There is no suite '${name}'. There are: ${SUITES.map((one) => one.name).join(', ')}.`);
    return process.exit(2);
  });
}
