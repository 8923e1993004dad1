import type { SharedMongo } from './mongo-server.js';
import { requireMongo, someMongo } from './mongo-server.js';

/** What documents are kept in. */
export type DocumentEngine = 'sqlite' | 'mongo';

/** The part of ava's `test` that is needed here. */
interface Tests {
  readonly skip: (title: string, run: () => void) => void;
  readonly before: (run: () => Promise<void>) => void;
  readonly after: { readonly always: (run: () => Promise<void> | undefined) => void };
}

let mongo: SharedMongo | undefined;

/** Calls `declare` for each engine that this machine has; for MongoDB with one server for the whole file. */
export function onEachEngine(
  test: Tests,
  declare: (engine: DocumentEngine, title: (text: string) => string) => void,
): void {
  declare('sqlite', (text) => `sqlite: ${text}`);
  if (!requireMongo(test)) return;
  test.before(async () => {
    mongo = await someMongo();
  });
  test.after.always(() => mongo?.stop());
  declare('mongo', (text) => `mongo: ${text}`);
}

/** A database of a test's own on the file's MongoDB. */
export function mongoDatabase(t: Parameters<SharedMongo['database']>[0]): {
  readonly url: string;
  readonly database: string;
} {
  if (mongo === undefined) throw new Error('MongoDB is not started yet');
  return { url: mongo.url, database: mongo.database(t) };
}
