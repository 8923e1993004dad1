import type { SharedMongo } from '@berth/testkit';
import { findProgram, requireMongo, someMongo, startMongo } from '@berth/testkit';
import test from 'ava';
import { testCollection } from '../collection/conformance.js';
import type { Running } from '../collection/conformance/subject.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';

/** All tests load one server at once. */
const patient = { answerWithinMs: 60_000, selectWithinMs: 30_000 };

interface Server {
  readonly url: string;
  readonly database: string;
  readonly restart?: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startOn({ url, database: name, ...server }: Server): Promise<Running> {
  let store = await openMongoCollectionStore({ url, database: name, ...patient });
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
      store = await openMongoCollectionStore({ url, database, ...patient });
      return store;
    },
    async stop() {
      await store.close();
      await server.stop();
    },
  };
}

/** The database of the tests that share one is dropped with the last of them. */
function sharedDatabase(mongo: SharedMongo): Server {
  let drop = (): Promise<void> => Promise.resolve();
  const database = mongo.database({ teardown: (work) => (drop = work) });
  return {
    url: mongo.url,
    database,
    stop: async () => {
      await drop();
      await mongo.stop();
    },
  };
}

if (requireMongo(test)) {
  testCollection(test, {
    engine: 'mongo',
    start: async () => startOn(sharedDatabase(await someMongo())),
    startOwn:
      findProgram('mongod') === undefined
        ? undefined
        : async () => {
            const server = await startMongo();
            return startOn({ ...server, database: 'berth-test' });
          },
  });
}
