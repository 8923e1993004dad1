import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import type {
  Collection,
  CollectionSpec,
  CollectionStore,
  Document,
  Write,
  WriteAllResult,
} from '../collection/collection.js';
import { Revisions } from '../collection/revisions.js';
import type { StoreLog } from '../redis/server-facts.js';
import type { Body } from './collection-model.js';
import { collectionModel, syncCollection } from './collection-model.js';
import { MongoCollection } from './mongo-collection.js';
import { MongoConnection } from './mongo-connection.js';
import { mongoFailure } from './mongo-failure.js';
import { takeSteps } from './take-steps.js';

export interface MongoCollectionStoreOptions {
  /** `mongodb://[user:password@]host[:port],…/?replicaSet=…`, or `mongodb+srv://…`. */
  readonly url: string;
  readonly database: string;
  readonly log?: StoreLog;
  /** How long a call waits for its answer before it fails; default 3,000. */
  readonly answerWithinMs?: number;
  /** How long a server, or a free connection to it, is looked for before a call fails; default 2,000. */
  readonly selectWithinMs?: number;
}

/** Writes of one call that have the time of one answer. */
const PART = 1_000;

interface Opened {
  readonly spec: CollectionSpec;
  readonly collection: Promise<MongoCollection<Document>>;
}

class MongoCollectionStore implements CollectionStore {
  readonly engine = 'mongo';
  readonly #collections = new Map<string, Opened>();
  readonly #revisions = new Revisions();

  constructor(readonly connection: MongoConnection) {}

  async collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>> {
    const opened = this.#collections.get(spec.name);
    if (opened !== undefined) {
      if (isDeepStrictEqual(opened.spec, spec)) return (await opened.collection) as unknown as Collection<T>;
      throw new TypeError(`the collection ${spec.name} is open already, with other indexes`);
    }
    const collection = this.#open(spec);
    this.#collections.set(spec.name, { spec, collection });
    try {
      return (await collection) as unknown as Collection<T>;
    } catch (error) {
      this.#collections.delete(spec.name);
      throw mongoFailure(error, this.connection.address);
    }
  }

  async writeAll(writes: readonly Write[]): Promise<WriteAllResult> {
    const opened = new Map<string, MongoCollection<Document>>();
    for (const { collection: name } of writes) {
      const found = opened.get(name) ?? (await this.#collections.get(name)?.collection);
      if (found === undefined) throw new TypeError(`the collection ${name} is not open`);
      opened.set(name, found);
    }
    const steps = writes.flatMap((write) => opened.get(write.collection)?.step(write) ?? []);
    if (steps.length === 0) return { outcome: 'written' };
    return this.connection.transaction((session) => takeSteps(session, steps), Math.ceil(steps.length / PART));
  }

  ping(): Promise<void> {
    return this.connection.ping();
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #open(spec: CollectionSpec): Promise<MongoCollection<Document>> {
    const { mongoose } = this.connection;
    mongoose.deleteModel(new RegExp(`^berth ${spec.name}$`));
    const model = collectionModel(mongoose, spec);
    // Without a bound on time: to index a large collection takes its time.
    await syncCollection(model);
    const parts = {
      connection: this.connection,
      nextRevision: () => this.#revisions.next(),
    };
    return new MongoCollection(parts, spec, model.collection as unknown as mongo.Collection<Body>);
  }
}

/**
 * Opens the collections of a database in MongoDB (6.0 or later, a replica set; one node will do). Throws STORE_UNAVAILABLE
 * within 3 s when it does not answer, INVALID_CONFIG when it is no replica set. Once open, a server that goes away is
 * reconnected to for ever. Writes are acknowledged when a majority of the nodes has them in its journal.
 */
export async function openMongoCollectionStore(options: MongoCollectionStoreOptions): Promise<CollectionStore> {
  const { url, database, log, answerWithinMs, selectWithinMs } = options;
  const connection = new MongoConnection(url, database, log, answerWithinMs, selectWithinMs);
  try {
    await connection.connect();
    return new MongoCollectionStore(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
