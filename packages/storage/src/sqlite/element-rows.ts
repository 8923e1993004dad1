import type { CollectionSpec, IndexSpec } from '../collection/collection.js';
import type { FieldValues } from '../collection/document-fields.js';
import { columnOf, elementsOf } from './collection-schema.js';
import type { ColumnValue } from './column-values.js';
import { columnValue } from './column-values.js';
import type { SqliteDatabase, SqliteStatement } from './driver/sqlite-database.js';

type Fields = ReadonlyMap<string, FieldValues>;

/** The rows of an index that has a field with lists: one for each element of a document. */
export class ElementRows {
  readonly #insert: SqliteStatement;
  readonly #delete: SqliteStatement;
  readonly #sameKey: SqliteStatement<ColumnValue[], { id: string }> | undefined;

  constructor(
    db: SqliteDatabase,
    spec: CollectionSpec,
    readonly index: IndexSpec,
  ) {
    const table = elementsOf(spec, index);
    const columns = index.fields.map(columnOf);
    this.#insert = db.prepare(
      `INSERT INTO ${table} (id, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`,
    );
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
    const same = columns.map((column) => `${column} = ?`).join(' AND ');
    this.#sameKey =
      index.unique === true ? db.prepare(`SELECT id FROM ${table} WHERE ${same} AND id <> ? LIMIT 1`) : undefined;
  }

  add(id: string, fields: Fields): void {
    for (const key of this.#keys(fields)) this.#insert.run(id, ...key);
  }

  replace(id: string, fields: Fields): void {
    this.remove(id);
    this.add(id, fields);
  }

  remove(id: string): void {
    this.#delete.run(id);
  }

  /** The document that keeps these values out, when the index is unique. Nobody else writes between this look and a write. */
  taken(id: string, fields: Fields): string | undefined {
    if (this.#sameKey === undefined) return undefined;
    for (const key of this.#keys(fields)) {
      const other = key.includes(null) ? undefined : this.#sameKey.get(...key, id);
      if (other !== undefined) return other.id;
    }
    return undefined;
  }

  #keys(fields: Fields): ColumnValue[][] {
    let keys: ColumnValue[][] = [[]];
    for (const path of this.index.fields) {
      const values = fields.get(path)?.values ?? [];
      const columns = values.length === 0 ? [null] : values.map(columnValue);
      keys = keys.flatMap((key) => columns.map((column) => [...key, column]));
    }
    return keys;
  }
}
