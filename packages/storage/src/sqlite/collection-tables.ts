import type { CollectionSpec, Document, Duplicate, IndexSpec } from '../collection/collection.js';
import type { FieldValues } from '../collection/document-fields.js';
import { fieldReader } from '../collection/document-fields.js';
import type { Prepared } from './collection-schema.js';
import {
  columnOf,
  elementsOf,
  fieldsOf,
  makeElements,
  makeIndex,
  prepareTables,
  tableOf,
} from './collection-schema.js';
import type { ColumnValue } from './column-values.js';
import { columnValue } from './column-values.js';
import { ElementRows } from './element-rows.js';
import type { SqliteDatabase, SqliteStatement } from './driver/sqlite-database.js';

/** A document ready to be written: its text, and what indexes see of it. */
export interface Row {
  readonly id: string;
  readonly text: string;
  readonly fields: ReadonlyMap<string, FieldValues>;
}

const NO_FIELD: FieldValues = { list: false, values: [] };

/** The columns of a row; a list has its values in the tables of elements instead. */
function columnsOf(paths: readonly string[], row: Row): ColumnValue[] {
  return paths.map((path) => {
    const { list, values } = row.fields.get(path) ?? NO_FIELD;
    return list ? null : columnValue(values[0]);
  });
}

function isSame(a: ColumnValue, b: ColumnValue | undefined): boolean {
  return a === b || (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0);
}

/** The tables of one collection: writes documents with their index entries. The caller has the transaction. */
export class CollectionTables {
  readonly #paths: readonly string[];
  readonly #readers: readonly (readonly [string, ReturnType<typeof fieldReader>])[];
  readonly #uniques: readonly IndexSpec[];
  #lists: ReadonlySet<string> = new Set();
  #elements: readonly ElementRows[] = [];
  readonly #insert: SqliteStatement;
  /** Statements by the places of the columns that they change. */
  readonly #updates = new Map<string, SqliteStatement>();
  readonly #found: SqliteStatement<[string], Readonly<Record<string, ColumnValue>>>;
  readonly #delete: SqliteStatement;
  readonly #revision: SqliteStatement<[string], { revision: string }>;
  readonly #sameKey: ReadonlyMap<IndexSpec, SqliteStatement<ColumnValue[], { id: string }>>;

  constructor(
    readonly db: SqliteDatabase,
    readonly spec: CollectionSpec,
  ) {
    this.#paths = fieldsOf(spec);
    this.#readers = this.#paths.map((path) => [path, fieldReader(path)]);
    this.#uniques = spec.indexes.filter(({ unique }) => unique === true);
    db.transaction(() => {
      this.#prepare();
    });
    const table = tableOf(spec);
    const columns = this.#paths.map(columnOf);
    const all = ['id', 'revision', 'value', ...columns];
    this.#insert = db.prepare(
      `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
    );
    const named = columns.map((column, at) => `, ${column} AS c${at}`).join('');
    this.#found = db.prepare(`SELECT revision${named} FROM ${table} WHERE id = ?`);
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
    this.#revision = db.prepare(`SELECT revision FROM ${table} WHERE id = ?`);
    this.#sameKey = new Map(
      this.#uniques.map((index) => {
        const same = index.fields.map((path) => `${columnOf(path)} = ?`).join(' AND ');
        return [index, db.prepare<ColumnValue[], { id: string }>(`SELECT id FROM ${table} WHERE ${same}`)];
      }),
    );
  }

  /** Fields that hold lists in some document; queries on them go through the tables of elements. */
  get lists(): ReadonlySet<string> {
    return this.#lists;
  }

  /** Reads what indexes see of a document. Outside of a transaction: the first list in a field changes tables. */
  row(document: Document): Row {
    const fields = new Map(this.#readers.map(([path, read]) => [path, read(document)]));
    const added = this.#paths.filter((path) => fields.get(path)?.list === true && !this.#lists.has(path));
    if (added.length > 0) this.#addLists(added);
    this.#checkLists(fields);
    return { id: document.id, text: JSON.stringify(document), fields };
  }

  /** Of two lists, an index would need every pair. MongoDB refuses that too. */
  #checkLists(fields: ReadonlyMap<string, FieldValues>): void {
    for (const { index } of this.#elements) {
      if (index.fields.filter((path) => fields.get(path)?.list === true).length < 2) continue;
      throw new TypeError(`a document of ${this.spec.name} has more than one list in the index ${index.name}`);
    }
  }

  /** Writes a new document; tells what keeps it out, if something does. */
  insert(row: Row, revision: string): Duplicate | undefined {
    const taken = this.#elementsTaken(row);
    if (taken !== undefined) return this.#revision.get(row.id) === undefined ? taken : this.#idTaken(row);
    const { changes } = this.#insert.run(row.id, revision, row.text, ...columnsOf(this.#paths, row));
    if (changes === 0) return this.#duplicate(row);
    for (const elements of this.#elements) elements.add(row.id, row.fields);
    return undefined;
  }

  replace(row: Row, expected: string, revision: string): Duplicate | 'stale' | 'gone' | undefined {
    const found = this.#found.get(row.id);
    if (found === undefined) return 'gone';
    if (found['revision'] !== expected) return 'stale';
    const taken = this.#elementsTaken(row);
    if (taken !== undefined) return taken;
    const changed = columnsOf(this.#paths, row).flatMap((value, at) =>
      isSame(value, found[`c${at}`]) ? [] : [{ at, value }],
    );
    const update = this.#updateOf(changed.map(({ at }) => at));
    const { changes } = update.run(revision, row.text, ...changed.map(({ value }) => value), row.id, expected);
    if (changes === 0) return this.#duplicate(row);
    for (const elements of this.#elements) elements.replace(row.id, row.fields);
    return undefined;
  }

  /** SQLite writes each index anew of which a statement names a column, also when its value stays: so each names what changes. */
  #updateOf(places: readonly number[]): SqliteStatement {
    const key = places.join();
    const known = this.#updates.get(key);
    if (known !== undefined) return known;
    const columns = places.map((at) => columnOf(this.#paths[at] ?? ''));
    const set = ['revision', 'value', ...columns].map((column) => `${column} = ?`).join(', ');
    const update = this.db.prepare(`UPDATE OR IGNORE ${tableOf(this.spec)} SET ${set} WHERE id = ? AND revision = ?`);
    this.#updates.set(key, update);
    return update;
  }

  remove(id: string, expected: string | undefined): 'removed' | 'stale' | 'gone' {
    const found = this.#revision.get(id);
    if (found === undefined) return 'gone';
    if (expected !== undefined && found.revision !== expected) return 'stale';
    this.#delete.run(id);
    for (const elements of this.#elements) elements.remove(id);
    return 'removed';
  }

  /** The stored document that keeps a row out of an index. */
  existing(row: Row, index: string): string | undefined {
    if (index === 'id') return this.#revision.get(row.id) && row.id;
    return (this.#elementsTaken(row, index) ?? this.#columnsTaken(row, index))?.existing;
  }

  #idTaken(row: Row): Duplicate {
    return { outcome: 'duplicate', index: 'id', existing: row.id };
  }

  #elementsTaken(row: Row, name?: string): Duplicate | undefined {
    for (const elements of this.#elements) {
      if (name !== undefined && elements.index.name !== name) continue;
      const existing = elements.taken(row.id, row.fields);
      if (existing !== undefined) return { outcome: 'duplicate', index: elements.index.name, existing };
    }
    return undefined;
  }

  /** Which unique index refused a row. */
  #duplicate(row: Row): Duplicate {
    return this.#columnsTaken(row) ?? this.#idTaken(row);
  }

  #columnsTaken(row: Row, name?: string): Duplicate | undefined {
    for (const [index, statement] of this.#sameKey) {
      if (name !== undefined && index.name !== name) continue;
      const key = columnsOf(index.fields, row);
      const other = key.includes(null) ? undefined : statement.get(...key);
      if (other !== undefined && other.id !== row.id) {
        return { outcome: 'duplicate', index: index.name, existing: other.id };
      }
    }
    return undefined;
  }

  #prepare(): void {
    const prepared = prepareTables(this.db, this.spec);
    this.#lists = prepared.refill ? this.#refill(prepared) : prepared.lists;
    for (const index of this.spec.indexes) makeIndex(this.db, this.spec, index);
    this.#elements = this.#prepareElements();
  }

  /** Fills new columns from the documents. */
  #refill(prepared: Prepared): ReadonlySet<string> {
    const lists = new Set(prepared.lists);
    const table = tableOf(this.spec);
    const set = this.#paths.map((path) => `${columnOf(path)} = ?`).join(', ');
    const update = this.db.prepare(`UPDATE ${table} SET ${set} WHERE id = ?`);
    for (const row of this.#stored()) {
      for (const [path, { list }] of row.fields) if (list) lists.add(path);
      update.run(...columnsOf(this.#paths, row), row.id);
    }
    this.#saveLists(lists);
    return lists;
  }

  /** Every stored document, a thousand at a time, since an open cursor would forbid to write meanwhile. */
  *#stored(): Generator<Row> {
    const page = this.db.prepare<[string], { id: string; value: string }>(
      `SELECT id, value FROM ${tableOf(this.spec)} WHERE id > ? ORDER BY id LIMIT 1000`,
    );
    let rows = page.all('');
    while (rows.length > 0) {
      for (const { id, value } of rows) {
        const document: unknown = JSON.parse(value);
        yield { id, text: value, fields: new Map(this.#readers.map(([path, read]) => [path, read(document)])) };
      }
      rows = page.all(rows.at(-1)?.id ?? '');
    }
  }

  #addLists(added: readonly string[]): void {
    const before = this.#lists;
    this.#lists = new Set([...before, ...added]);
    try {
      this.db.transaction(() => {
        this.#saveLists(this.#lists);
        this.#elements = this.#prepareElements();
      });
    } catch (error) {
      this.#lists = before;
      throw error;
    }
  }

  #saveLists(lists: ReadonlySet<string>): void {
    this.db.prepare('UPDATE collection SET lists = ? WHERE name = ?').run(JSON.stringify([...lists]), this.spec.name);
  }

  #prepareElements(): readonly ElementRows[] {
    const exists = this.db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
    return this.spec.indexes
      .filter((index) => index.fields.some((path) => this.#lists.has(path)))
      .map((index) => {
        const there = exists.get(elementsOf(this.spec, index).slice(1, -1)) !== undefined;
        if (!there) makeElements(this.db, this.spec, index);
        const rows = new ElementRows(this.db, this.spec, index);
        if (!there) for (const row of this.#stored()) rows.add(row.id, row.fields);
        return rows;
      });
  }
}
