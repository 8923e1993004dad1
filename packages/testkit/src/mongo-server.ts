import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomId } from '@berth/kernel';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { lives } from './lives.js';
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

/** A server that is setting its own configuration refuses that of the library, which gives up then: it is started anew. */
const CONFIGURATION_IN_PROGRESS = 109;
const MOST_STARTS = 5;

async function startAgain(replicaSet: MongoMemoryReplSet, starts = 1): Promise<void> {
  try {
    await replicaSet.start();
  } catch (error) {
    const busy = error instanceof Error && 'code' in error && error.code === CONFIGURATION_IN_PROGRESS;
    if (!busy || starts === MOST_STARTS) throw error;
    await startAgain(replicaSet, starts + 1);
  }
}

const RAM_DISK = '/dev/shm';
/** A mongod needs 0.3 GB, and several test files have one at once. */
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * Where data may be that need not outlive the machine: a kill of the process loses nothing in memory either, and waiting for
 * the disk is most of what making a hundred indexes takes. Containers often have too little of it.
 */
function fastFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(RAM_DISK);
    return bavail * bsize >= ROOM_BYTES ? RAM_DISK : tmpdir();
  } catch {
    return tmpdir();
  }
}

export interface MongoOptions {
  /** With its data on the disk, as benchmarks need it; default: in memory where the machine has room for that. */
  readonly onDisk?: boolean;
  /** With `configureFailPoint`, by which it can be made to refuse commands. */
  readonly failpoints?: boolean;
  /** The port that it is wished to have; another one where that is taken. */
  readonly wished?: number;
}

/** Starts mongod with data of its own and resolves when it takes writes. */
export async function startMongo(options: MongoOptions = {}): Promise<MongoServer> {
  const { onDisk = false, failpoints = false, wished = await freePort() } = options;
  const program = findProgram('mongod');
  if (program === undefined) throw new Error('mongod is not on this machine; tools/test-servers gets it');
  const dir = mkdtempSync(join(onDisk ? tmpdir() : fastFolder(), 'berth-mongo-'));
  // Otherwise it warns that the version is not the one that it would download.
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] ??= 'false';
  // Loaded here, since most who use the testkit start no MongoDB, and it takes a quarter of a second.
  const { MongoMemoryReplSet } = await import('mongodb-memory-server-core');
  const replicaSet = new MongoMemoryReplSet({
    binary: { systemBinary: program, checkMD5: false },
    instanceOpts: [{ port: wished, dbPath: dir, storageEngine: 'wiredTiger' }],
    replSet: {
      name: REPLICA_SET,
      storageEngine: 'wiredTiger',
      // One node needs nobody's vote: nothing is won by waiting.
      configSettings: { electionTimeoutMillis: 500 },
      args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false'].concat(
        failpoints ? ['--setParameter', 'enableTestCommands=1'] : [],
      ),
    },
  });
  await replicaSet.start();
  // The library takes another port where somebody was faster with the one that was wished.
  const port = replicaSet.servers[0]?.instanceInfo?.port ?? wished;
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
      await startAgain(replicaSet);
      pid = pidOf(replicaSet);
    },
    async stop() {
      process.off('exit', killWithUs);
      await end(replicaSet, pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A MongoDB that tests share, each with a database of its own. */
export interface SharedMongo {
  /** Connection string without a database. */
  readonly url: string;
  /**
   * The name of a database for one test, which is dropped when the test ends. To be called before the test opens it: what
   * is torn down goes in reverse order, and nothing may write to it after that.
   */
  database(test: TearingDown): string;
  /** Ends it, when it is ours. */
  stop(): Promise<void>;
}

/** The part of ava's `t` that is needed here. */
interface TearingDown {
  readonly teardown: (work: () => Promise<void>) => void;
}

/** That of MONGODB_URL when it is set, or one of our own. */
export async function someMongo(): Promise<SharedMongo> {
  const url = process.env['MONGODB_URL'] ?? '';
  const server = url === '' ? await startMongo() : undefined;
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(server?.url ?? url);
  return {
    url: server?.url ?? url,
    database(test) {
      const name = `berth-test-${randomId('db')}`;
      test.teardown(async () => {
        await client.db(name).dropDatabase();
      });
      return name;
    },
    async stop() {
      await client.close();
      await server?.stop();
    },
  };
}

/** Like `requireServer`, for tests that need some MongoDB: the one of MONGODB_URL will do. */
export function requireMongo(test: Parameters<typeof requireServer>[0]): boolean {
  return (process.env['MONGODB_URL'] ?? '') !== '' || requireServer(test, 'mongod');
}
