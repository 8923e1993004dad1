// A tracker as a process of its own, to be killed: `tracker-process.fixture.ts ENGINE DIR-OR-URL DATABASE`. Prints its port.
import { steadyClock } from '@berth/kernel';
import { createGrpcServer, failpoint } from '@berth/server';
import { inProcessLocks, openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import { pino } from 'pino';
import { createTrackerService, trackerConfigSchema } from '../index.js';

const [engine = '', where = '', database = ''] = process.argv.slice(2);
const clock = steadyClock();
const store =
  engine === 'sqlite'
    ? await openSqliteCollectionStore({ dir: where, database, clock })
    : await openMongoCollectionStore({ url: where, database, clock, answerWithinMs: 60_000 });
const log = pino({ level: 'warn' }, process.stderr);
const service = createTrackerService(trackerConfigSchema.parse({}), {
  store,
  clock,
  locks: inProcessLocks(),
  logger: log,
  failpoint,
  storeWorks: () => undefined,
});
const server = createGrpcServer({ host: '127.0.0.1', port: 0, log });
for (const definition of service.definitions) server.add(definition);
await service.start();
await server.start();
process.stdout.write(`${String(server.address.port)}\n`);
