import { randomId, systemClock } from '@berth/kernel';
import { findProgram, requireMongo, someMongo, startMongo } from '@berth/testkit';
import test from 'ava';
import mongoose from 'mongoose';
import { testCollection } from '../collection/conformance.js';
import type { Running } from '../collection/conformance/subject.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';

const clock = systemClock();
/** All tests load one server at once. */
const answerWithinMs = 60_000;

interface Server {
  readonly url: string;
  readonly restart?: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A shared server keeps no database of ours. */
async function dropDatabase(url: string, dbName: string): Promise<void> {
  const connection = await mongoose.createConnection(url, { dbName }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

async function startOn(server: Server): Promise<Running> {
  const { url } = server;
  const name = `berth-test-${randomId('db')}`;
  let store = await openMongoCollectionStore({ url, database: name, clock, answerWithinMs });
  return {
    get store() {
      return store;
    },
    target: url,
    async restart() {
      await store.close();
      await server.restart?.();
    },
    release: () => store.close(),
    async reopen(database = name) {
      await store.close();
      store = await openMongoCollectionStore({ url, database, clock, answerWithinMs });
      return store;
    },
    async stop() {
      await store.close();
      await dropDatabase(url, name);
      await server.stop();
    },
  };
}

async function startOwn(): Promise<Running> {
  return startOn(await startMongo());
}

if (requireMongo(test)) {
  testCollection(test, {
    engine: 'mongo',
    start: async () => startOn(await someMongo()),
    startOwn: findProgram('mongod') === undefined ? undefined : startOwn,
  });
}
