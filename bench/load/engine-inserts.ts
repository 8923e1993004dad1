import { join } from 'node:path';
import type { MongoCollection } from '../../packages/storage/src/mongo/mongo-collection.js';
import { openSqlite } from '../../packages/storage/src/sqlite/driver/open-sqlite.js';
import type { SqliteDatabase, SqliteValue } from '../../packages/storage/src/sqlite/driver/sqlite-database.js';
import type { Allocation } from '../../services/tracker/src/domain/index.js';
import { openCollections } from '../../services/tracker/src/store/open-collections.js';
import type { Place } from './tracker-documents.js';
import { freshIntent, openPlace } from './tracker-documents.js';

export interface InsertJob {
  readonly place: Place;
  readonly batch: number;
  readonly seconds: number;
  /** Makes the ids of this turn its own. */
  readonly turn: string;
}

export interface Inserted {
  readonly count: number;
  readonly perSecond: number;
  /** What this process's processor did for it; what a database server did comes on top. */
  readonly processorSeconds: number;
}

/** Inserts batches by an engine, without Berth's storage between. Makes a batch ready, and answers what inserts it. */
interface Engine {
  ready(ids: readonly string[]): () => unknown;
  close(): unknown;
}

const SAMPLE = 'al-sample';

/**
 * The engine's own batch insert: the very rows and bodies that Berth stores, with its indexes, in one transaction or command a
 * batch. Time counts from documents to the disk: writing them as JSON (SQLite) or BSON (MongoDB) is in it, making them is not.
 */
export async function insertDocuments({ place, batch, seconds, turn }: InsertJob): Promise<Inserted> {
  const engine = place.mongo === undefined ? await sqliteEngine(place) : await mongoEngine(place);
  try {
    let count = 0;
    let ms = 0;
    let processorMicros = 0;
    for (let n = 0; ms < seconds * 1000; n += 1) {
      const ids = Array.from({ length: batch }, (_, i) => `al-${padded(turn)}${padded(n)}${padded(i)}`);
      const insert = engine.ready(ids);
      const started = performance.now();
      const before = process.cpuUsage();
      await insert();
      const { user, system } = process.cpuUsage(before);
      ms += performance.now() - started;
      processorMicros += user + system;
      count += batch;
    }
    return { count, perSecond: (count * 1000) / ms, processorSeconds: processorMicros / 1e6 };
  } finally {
    await engine.close();
  }
}

/** A prepared INSERT for each row that a document has in the tables of the collection. */
async function sqliteEngine(place: Place): Promise<Engine> {
  const store = await openPlace(place);
  await (await openCollections(store)).allocations.insert([freshIntent(SAMPLE, Date.now())]);
  await store.close();
  const db = openSqlite(join(place.dir ?? '', 'documents.db'));
  db.setPragma('synchronous', 'FULL');
  const samples = sampleRows(db);
  return {
    ready: (ids) => {
      const rows = ids.flatMap((id) =>
        samples.map(({ insert, values, document }) => ({
          insert,
          values: values.map((value) => (typeof value === 'string' ? value.replaceAll(SAMPLE, id) : value)),
          document: document && withId(document, id),
        })),
      );
      return () => {
        db.transaction(() => {
          for (const { insert, values, document } of rows) {
            if (document === undefined) insert.run(...values);
            else insert.run(JSON.stringify(document), ...values);
          }
        });
      };
    },
    close: () => {
      db.close();
    },
  };
}

type Values = Readonly<Record<string, SqliteValue>>;

function sampleRows(db: SqliteDatabase) {
  const tables = db.prepare<[], { name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%/tracker_allocations%'",
  );
  return tables.all().flatMap(({ name }) => {
    const rows = db.prepare<[string], Values>(`SELECT * FROM "${name}" WHERE id = ?`).all(SAMPLE);
    return rows.map(({ value, ...others }) => {
      const columns = [...(value === undefined ? [] : ['value']), ...Object.keys(others)];
      const names = columns.map((column) => `"${column}"`).join(', ');
      const insert = db.prepare(`INSERT INTO "${name}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`);
      const document = typeof value === 'string' ? (JSON.parse(value) as object) : undefined;
      return { insert, values: Object.values(others), document };
    });
  });
}

/** The driver's insertMany, with the connection's write concern: majority, journal. */
async function mongoEngine(place: Place): Promise<Engine> {
  const store = await openPlace(place);
  const { allocations } = await openCollections(store);
  await allocations.insert([freshIntent(SAMPLE, Date.now())]);
  const { native } = allocations as unknown as MongoCollection<Allocation>;
  const sample = await native.findOne({ _id: SAMPLE });
  if (sample === null) throw new Error('the sample that was inserted is not there');
  return {
    ready: (ids) => {
      const bodies = ids.map((id) => withId(sample, id));
      return () => native.insertMany(bodies, { ordered: false });
    },
    close: () => store.close(),
  };
}

function withId<T extends object>(sample: T, id: string): T {
  return JSON.parse(JSON.stringify(sample).replaceAll(SAMPLE, id)) as T;
}

/** In the order of the numbers, as the tracker's own ids are: others would make the engine slower. */
function padded(number: number | string): string {
  return String(number).padStart(5, '0');
}
