import type { CollectionSpec, IndexSpec } from '../collection/collection.js';
import { checkSpec } from '../collection/check-spec.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import type { FileFormat } from './sqlite-file.js';

/** `spec` is the spec that tables and indexes were last made for, `lists` the fields that hold lists in some document. */
const SCHEMA = `
  CREATE TABLE collection (
    name TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    lists TEXT NOT NULL
  ) WITHOUT ROWID;
`;

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table of a collection; no other name has a '/'. */
export function tableOf(spec: CollectionSpec): string {
  return quoted(`documents/${spec.name}`);
}

/** The column of a field. */
export function columnOf(path: string): string {
  return path === 'id' ? 'id' : quoted(`.${path}`);
}

/** The table with a row for each element, for an index with a field that holds lists. */
export function elementsOf(spec: CollectionSpec, index: IndexSpec): string {
  return quoted(`elements/${spec.name}/${index.name}`);
}

export function fieldsOf(spec: CollectionSpec): readonly string[] {
  return [...new Set(spec.indexes.flatMap((index) => index.fields))];
}

/** The file of the collections. */
export const COLLECTION_FORMAT: FileFormat = {
  version: 1,
  upgrade(db) {
    db.exec(SCHEMA);
  },
};

/** Tables, columns and indexes as they are for a spec. */
export interface Prepared {
  readonly lists: ReadonlySet<string>;
  /** Columns are new, and have to be filled from the documents. */
  readonly refill: boolean;
}

function sameIndex(a: IndexSpec, b: IndexSpec): boolean {
  return (
    a.name === b.name && (a.unique ?? false) === (b.unique ?? false) && a.fields.join('\0') === b.fields.join('\0')
  );
}

function indexName(spec: CollectionSpec, index: IndexSpec, part = ''): string {
  return quoted(`index/${spec.name}/${index.name}${part}`);
}

function dropIndex(db: SqliteDatabase, spec: CollectionSpec, index: IndexSpec): void {
  db.exec(`DROP INDEX IF EXISTS ${indexName(spec, index)}`);
  db.exec(`DROP INDEX IF EXISTS ${indexName(spec, index, '/absent')}`);
  db.exec(`DROP TABLE IF EXISTS ${elementsOf(spec, index)}`);
}

/**
 * Makes an index over columns. One that is not unique has the id as its last part, for pages. A unique one cannot; where
 * it is over one field, documents without the field have an index of their own by id.
 */
export function makeIndex(db: SqliteDatabase, spec: CollectionSpec, index: IndexSpec): void {
  const columns = index.fields.map(columnOf).join(', ');
  const create = (kind: string, name: string, rest: string): void => {
    db.exec(`CREATE ${kind} IF NOT EXISTS ${name} ON ${tableOf(spec)} ${rest}`);
  };
  if (index.unique !== true) {
    create('INDEX', indexName(spec, index), `(${columns}, id)`);
    return;
  }
  const alone = index.fields.length === 1;
  create('UNIQUE INDEX', indexName(spec, index), `(${columns})${alone ? ` WHERE ${columns} IS NOT NULL` : ''}`);
  if (alone) create('INDEX', indexName(spec, index, '/absent'), `(id) WHERE ${columns} IS NULL`);
}

/** Makes the table of elements of an index. Its rows are the caller's. */
export function makeElements(db: SqliteDatabase, spec: CollectionSpec, index: IndexSpec): void {
  const table = elementsOf(spec, index);
  const columns = index.fields.map(columnOf).join(', ');
  const name = (part: string): string => quoted(`elements/${spec.name}/${index.name}/${part}`);
  db.exec(`CREATE TABLE ${table} (id TEXT NOT NULL, ${columns})`);
  db.exec(`CREATE INDEX ${name('values')} ON ${table} (${columns}, id)`);
  db.exec(`CREATE INDEX ${name('id')} ON ${table} (id)`);
}

/** Brings tables and columns to a spec, in the caller's transaction; indexes that changed are dropped, to be made anew. */
export function prepareTables(db: SqliteDatabase, spec: CollectionSpec): Prepared {
  checkSpec(spec);
  const row = db.prepare('SELECT spec, lists FROM collection WHERE name = ?').get(spec.name) as
    { spec: string; lists: string } | undefined;
  const before = row === undefined ? undefined : (JSON.parse(row.spec) as CollectionSpec);
  const known = new Set(before === undefined ? [] : fieldsOf(before));
  const added = fieldsOf(spec).filter((path) => !known.has(path));
  if (before === undefined) {
    const columns = fieldsOf(spec).map((path) => `, ${columnOf(path)}`);
    db.exec(
      `CREATE TABLE ${tableOf(spec)} (id TEXT NOT NULL PRIMARY KEY, revision TEXT NOT NULL, value TEXT NOT NULL${columns.join('')})`,
    );
  } else {
    for (const index of before.indexes) {
      if (!spec.indexes.some((wanted) => sameIndex(wanted, index))) dropIndex(db, spec, index);
    }
    for (const path of known) {
      // A column that nothing keeps up to date must not stay: a later version may want it again.
      if (fieldsOf(spec).includes(path)) continue;
      db.exec(`ALTER TABLE ${tableOf(spec)} DROP COLUMN ${columnOf(path)}`);
    }
    for (const path of added) db.exec(`ALTER TABLE ${tableOf(spec)} ADD COLUMN ${columnOf(path)}`);
  }
  const lists = row === undefined ? [] : (JSON.parse(row.lists) as string[]).filter((path) => known.has(path));
  db.prepare('INSERT OR REPLACE INTO collection (name, spec, lists) VALUES (?, ?, ?)').run(
    spec.name,
    JSON.stringify(spec),
    JSON.stringify(lists),
  );
  return { lists: new Set(lists), refill: before !== undefined && added.length > 0 };
}
