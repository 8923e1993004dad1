import type { Connection, Model, mongo } from 'mongoose';
import { Schema } from 'mongoose';
import { checkSpec } from '../collection/check-spec.js';
import type { CollectionSpec, Document } from '../collection/collection.js';
import { storedPath } from './mongo-query.js';

/**
 * What is stored of a document. `absent` has the document's id under the name of each unique index that it has no values
 * for, and the index has that as its last part: so documents without values never collide, and yet are in the index, in
 * order. A partial index would leave them out, and pages that begin with them would scan the collection.
 */
export interface Body<T extends Document = Document> {
  readonly _id: string;
  readonly revision: string;
  readonly value: T;
  readonly absent?: Readonly<Record<string, string>>;
}

/** Indexes that another process is just changing too. */
const RACED = new Set([27, 85, 86]);
const TRIES = 5;

/** The model of a collection: what is stored, and its indexes. One that is not unique ends with the id, for pages. */
export function collectionModel(connection: Connection, spec: CollectionSpec): Model<Body> {
  checkSpec(spec);
  const schema = new Schema<Body>(
    { _id: String, revision: String, value: Schema.Types.Mixed, absent: Schema.Types.Mixed },
    {
      strict: 'throw',
      strictQuery: 'throw',
      versionKey: false,
      minimize: false,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      collection: spec.name,
    },
  );
  for (const { name, fields, unique = false } of spec.indexes) {
    const last = unique ? `absent.${name}` : '_id';
    const keys = Object.fromEntries([...fields.map(storedPath), last].map((path) => [path, 1 as const]));
    schema.index(keys, { name, ...(unique ? { unique } : {}) });
  }
  return connection.model<Body>(`berth ${spec.name}`, schema);
}

const EXISTS = 48;

async function createCollection(model: Model<Body>): Promise<void> {
  try {
    await model.createCollection();
  } catch (error) {
    if ((error as mongo.MongoServerError).code !== EXISTS) throw error;
  }
}

/**
 * Fills `absent` of what is stored for unique indexes that are not there yet. A process of an older version, which knows
 * nothing of such an index, would write documents without it meanwhile: it has to be stopped first.
 */
async function markAbsent(model: Model<Body>): Promise<void> {
  const there = await model.listIndexes();
  for (const [keys, options] of model.schema.indexes()) {
    if (options.unique !== true || there.some(({ name }) => name === options.name)) continue;
    const lacking = Object.keys(keys)
      .filter((path) => path.startsWith('value.'))
      .flatMap((path) => [{ $in: [{ $type: `$${path}` }, ['missing', 'null']] }, { $eq: [`$${path}`, []] }]);
    const id = { $cond: [{ $or: lacking }, '$_id', '$$REMOVE'] };
    await model.collection.updateMany({}, [{ $set: { [`absent.${String(options.name)}`]: id } }]);
  }
}

/** Makes all indexes that are not there by one command: one at a time they take twice as long on an empty collection. */
async function makeIndexes(model: Model<Body>): Promise<void> {
  const { toDrop, toCreate }: { toDrop: string[]; toCreate: unknown[] } = await model.diffIndexes();
  if (toDrop.length > 0) await model.cleanIndexes({ toDrop });
  if (toCreate.length === 0) return;
  const indexes = model.schema.indexes().map(([key, { name, unique }]) => ({
    key: key as Record<string, 1>,
    name: String(name),
    ...(unique === true && { unique }),
  }));
  await model.collection.createIndexes(indexes);
}

/**
 * Makes the collection and brings its indexes to the model's; those that it does not have any more are dropped. Several
 * processes may do so at once: who finds that another one was first looks again.
 */
export async function syncCollection(model: Model<Body>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await createCollection(model);
      await markAbsent(model);
      await makeIndexes(model);
      return;
    } catch (error) {
      const { code } = error as mongo.MongoServerError;
      if (tries === TRIES || typeof code !== 'number' || !RACED.has(code)) throw error;
    }
  }
}
