import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { requireServer } from './require-server.js';
import { until } from './until.js';

/** A real MongoDB: a replica set of one node on 127.0.0.1, as a child of this process. */
export interface MongoServer {
  /** Connection string without a database. */
  readonly url: string;
  readonly port: number;
  /** Of the current run; another one after `restart`. */
  readonly pid: number;
  /** Sends a signal; for SIGKILL and SIGTERM resolves when the server is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it (SIGKILL) and starts it again on the same port with its data; resolves when it takes writes. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const ENDS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM'];
const REPLICA_SET = 'berth';

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pidOf(replicaSet: MongoMemoryReplSet): number {
  return replicaSet.servers[0]?.instanceInfo?.instance.mongodProcess?.pid ?? 0;
}

/** Ends the server by a signal, then lets the library clean up after it: its own way to stop waits for an answer. */
async function end(replicaSet: MongoMemoryReplSet, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (lives(pid)) {
    process.kill(pid, signal);
    // A stopped process takes SIGTERM only when it goes on.
    if (signal !== 'SIGKILL') process.kill(pid, 'SIGCONT');
    await until(() => !lives(pid), { what: 'mongod to end' });
  }
  await replicaSet.stop({ doCleanup: false });
}

/** Starts mongod with data of its own and resolves when it takes writes. */
export async function startMongo(): Promise<MongoServer> {
  const program = findProgram('mongod');
  if (program === undefined) throw new Error('mongod is not on this machine; tools/test-servers gets it');
  const dir = mkdtempSync(join(tmpdir(), 'berth-mongo-'));
  const port = await freePort();
  // Otherwise it warns that the version is not the one that it would download.
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] ??= 'false';
  const replicaSet = new MongoMemoryReplSet({
    binary: { systemBinary: program, checkMD5: false },
    instanceOpts: [{ port, dbPath: dir, storageEngine: 'wiredTiger' }],
    replSet: {
      name: REPLICA_SET,
      storageEngine: 'wiredTiger',
      // One node needs nobody's vote: nothing is won by waiting.
      configSettings: { electionTimeoutMillis: 500 },
      args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    },
  });
  await replicaSet.start();
  let pid = pidOf(replicaSet);
  const killWithUs = (): void => {
    if (lives(pid)) process.kill(pid, 'SIGKILL');
  };
  process.once('exit', killWithUs);
  return {
    url: `mongodb://127.0.0.1:${String(port)}/?replicaSet=${REPLICA_SET}`,
    port,
    get pid() {
      return pid;
    },
    async kill(signal) {
      if (ENDS.includes(signal)) await end(replicaSet, pid, signal);
      else process.kill(pid, signal);
    },
    async restart() {
      await end(replicaSet, pid, 'SIGKILL');
      await replicaSet.start();
      pid = pidOf(replicaSet);
    },
    async stop() {
      process.off('exit', killWithUs);
      await end(replicaSet, pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A MongoDB to share with others: that of MONGODB_URL when it is set, or one of our own, which `stop` ends. */
export async function someMongo(): Promise<Pick<MongoServer, 'url' | 'stop'>> {
  const url = process.env['MONGODB_URL'] ?? '';
  return url === '' ? startMongo() : { url, stop: () => Promise.resolve() };
}

/** Like `requireServer`, for tests that need some MongoDB: the one of MONGODB_URL will do. */
export function requireMongo(test: Parameters<typeof requireServer>[0]): boolean {
  return (process.env['MONGODB_URL'] ?? '') !== '' || requireServer(test, 'mongod');
}
