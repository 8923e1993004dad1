// The benchmarks. `--help` tells the arguments.
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
import { gateway } from './suites/gateway.js';
import { handOff } from './suites/hand-off.js';
import { identity } from './suites/identity.js';
import { httpJson } from './suites/http-json.js';
import { httpLocks } from './suites/http-locks.js';
import { pool } from './suites/pool.js';
import { redisCycles } from './suites/redis-cycles.js';
import { reservations } from './suites/reservations.js';
import { sweep } from './suites/sweep.js';
import { trackerIngest } from './suites/tracker-ingest.js';
import { trackerQueries } from './suites/tracker-queries.js';
import { watchers } from './suites/watchers.js';
import { xmlRpc } from './suites/xmlrpc.js';
import { usage } from './usage.js';

const SUITES: readonly Suite[] = [
  cycles,
  identity,
  redisCycles,
  handOff,
  gateway,
  httpJson,
  httpLocks,
  reservations,
  watchers,
  etcd,
  trackerIngest,
  trackerQueries,
  sweep,
  pool,
  xmlRpc,
  booking,
  footprint,
];
const FULL = { repeats: 5, seconds: 4, scale: 1 };
const QUICK = { repeats: 2, seconds: 3, scale: 0.1 };
/** So many times the turns for two builds that may differ by a few per cent. */
const PAIRS = 3;

const { values, positionals } = readArguments();
if (values.help === true) {
  console.log(usage(SUITES));
  process.exit(0);
}
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
  // Its line goes on with the dots of inTurns: a suite can take twenty minutes.
  process.stderr.write(`${name} `);
  const rows = await run(context);
  process.stderr.write('\n');
  console.log(table(title, rows));
  return { suite: name, rows };
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { quick: { type: 'boolean' }, against: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function choose(names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return SUITES;
  return names.map((name) => {
    const suite = SUITES.find((one) => one.name === name);
    return suite ?? refuse(`There is no suite '${name}'.`);
  });
}

function refuse(fault: string): never {
  console.error(`${fault}\n\n${usage(SUITES)}`);
  process.exit(2);
}
