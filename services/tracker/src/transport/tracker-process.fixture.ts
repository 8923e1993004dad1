// A tracker as a process of its own, to be killed or paused: `tracker-process.fixture.ts OPTIONS`, see TrackerProcessOptions.
// Prints its port, and `at NAME` at each failpoint that it comes to.
import { steadyClock } from '@berth/kernel';
import { createGrpcServer, failpoint } from '@berth/server';
import type { Locks } from '@berth/storage';
import { inProcessLocks, openMongoCollectionStore, openRedlockLocks, openSqliteCollectionStore } from '@berth/storage';
import { serveService } from '@berth/testkit';
import { pino } from 'pino';
import { createTrackerService, trackerConfigSchema } from '../index.js';
import type { TrackerProcessOptions } from './tracker-processes.fixture.js';

const { place, config, aheadMs = 0, locks } = JSON.parse(process.argv[2] ?? '') as TrackerProcessOptions;
const steady = steadyClock();
const clock = { ...steady, now: () => steady.now() + aheadMs };
const store =
  place.engine === 'sqlite'
    ? await openSqliteCollectionStore({ dir: place.where, database: place.database })
    : await openMongoCollectionStore({
        url: place.where,
        database: place.database,
        answerWithinMs: 60_000,
        selectWithinMs: 30_000,
      });
const log = pino({ level: 'warn' }, process.stderr);

/** Locks that are lost sooner than those of production, so that nobody has to be paused for long. */
async function openLocks(): Promise<Locks> {
  if (locks === undefined) return inProcessLocks();
  const { redisUrl, ttlMs } = locks;
  const opened = await openRedlockLocks({ urls: [redisUrl], clock });
  return { acquire: (name) => opened.acquire(name, ttlMs), close: () => opened.close() };
}

const service = createTrackerService(trackerConfigSchema.parse(config ?? {}), {
  store,
  clock,
  locks: await openLocks(),
  logger: log,
  failpoint: (name) => {
    process.stdout.write(`at ${name}\n`);
    return failpoint(name);
  },
  storeWorks: () => undefined,
});
const server = createGrpcServer({ host: '127.0.0.1', port: 0, log, maxRequestBytes: 16 << 20 });
await serveService(server, service);
service.startSweeping();
process.stdout.write(`${String(server.address.port)}\n`);
