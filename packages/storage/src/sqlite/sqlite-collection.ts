import type {
  Collection,
  CollectionSpec,
  Document,
  Duplicate,
  Found,
  InsertResult,
  Query,
  ReplaceResult,
  Stored,
  Where,
  Write,
} from '../collection/collection.js';
import type { Explaining } from '../collection/explain-query.js';
import { conditionsOf } from '../collection/conditions.js';
import { encodeCursor, planPage } from '../collection/page-phases.js';
import { CollectionSql } from './collection-sql.js';
import type { Sql } from './collection-sql.js';
import { tableOf } from './collection-schema.js';
import type { Row } from './collection-tables.js';
import { CollectionTables } from './collection-tables.js';
import type { ColumnValue } from './column-values.js';
import { scalarOf } from './column-values.js';
import type { GroupCommit } from './group-commit.js';
import type { SqliteDatabase, SqliteStatement } from './driver/sqlite-database.js';

/** What a collection needs of its store. */
export interface SqliteFile {
  readonly db: SqliteDatabase;
  readonly commits: GroupCommit;
  readonly nextRevision: () => string;
  /** Runs work; its errors become readable ones, and a closed store refuses it. */
  readonly settle: <R>(work: () => R | Promise<R>) => Promise<R>;
}

/** A write of several that are done together, ready to be done. The caller has the transaction. */
export interface WriteStep {
  /** Tells what is in the way, if something is. */
  readonly take: () => Duplicate | 'stale' | 'gone' | undefined;
  /** The stored document that keeps it out of an index. */
  readonly existing: (index: string) => string | undefined;
}

interface StoredRow {
  readonly id: string;
  readonly revision: string;
  readonly value: string;
}

/** `place` is the value of the field that a page is ordered by. */
interface PageRow extends StoredRow {
  readonly place: ColumnValue;
}

/** Parts of a batch that are written together; others get a turn between them. */
const PART = 1_000;
const KEPT_STATEMENTS = 200;

function stored<T extends Document>({ value, revision }: Pick<StoredRow, 'value' | 'revision'>): Stored<T> {
  return { value: JSON.parse(value) as T, revision };
}

function partsOf<V>(values: readonly V[], size: number): V[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

/** A collection in an SQLite file that this process has for itself. Reads see what is committed, and on the disk. */
export class SqliteCollection<T extends Document> implements Collection<T>, Explaining {
  readonly #file: SqliteFile;
  readonly #tables: CollectionTables;
  readonly #sql: CollectionSql;
  readonly #get: SqliteStatement<[string], StoredRow>;
  /** Statements by their text, the least recently used first. */
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(
    file: SqliteFile,
    readonly spec: CollectionSpec,
  ) {
    this.#file = file;
    this.#tables = new CollectionTables(file.db, spec);
    this.#sql = new CollectionSql(spec, () => this.#tables.lists);
    this.#get = file.db.prepare(`SELECT id, revision, value FROM ${tableOf(spec)} WHERE id = ?`);
  }

  get(id: string): Promise<Stored<T> | undefined> {
    return this.#read(() => {
      const row = this.#get.get(id);
      return row && stored<T>(row);
    });
  }

  getMany(ids: readonly string[]): Promise<readonly Stored<T>[]> {
    return this.#read(() =>
      ids.flatMap((id) => {
        const row = this.#get.get(id);
        return row === undefined ? [] : [stored<T>(row)];
      }),
    );
  }

  async insert(documents: readonly T[]): Promise<readonly InsertResult[]> {
    return this.#inParts(
      documents,
      (document) => document,
      (row) => {
        const revision = this.#file.nextRevision();
        return this.#tables.insert(row, revision) ?? { outcome: 'inserted', revision };
      },
    );
  }

  async replace(document: T, expected: string): Promise<ReplaceResult> {
    const [result] = await this.replaceMany([{ document, expected }]);
    if (result === undefined) throw new Error('a write has no result');
    return result;
  }

  async replaceMany(
    writes: readonly { readonly document: T; readonly expected: string }[],
  ): Promise<readonly ReplaceResult[]> {
    return this.#inParts(
      writes,
      ({ document }) => document,
      (row, { expected }): ReplaceResult => {
        const revision = this.#file.nextRevision();
        const refused = this.#tables.replace(row, expected, revision);
        if (refused === undefined) return { outcome: 'replaced', revision };
        return typeof refused === 'string' ? { outcome: refused } : refused;
      },
    );
  }

  remove(id: string, expected?: string): Promise<'removed' | 'stale' | 'gone'> {
    return this.#file.settle(() => this.#file.commits.run(1, () => this.#tables.remove(id, expected)));
  }

  step(write: Write): WriteStep {
    const { expected } = { expected: '', ...write };
    if ('remove' in write) {
      const take = (): ReturnType<WriteStep['take']> => {
        const result = this.#tables.remove(write.remove, expected);
        return result === 'removed' ? undefined : result;
      };
      return { take, existing: () => undefined };
    }
    const row = this.#tables.row('insert' in write ? write.insert : write.replace);
    const revision = this.#file.nextRevision();
    return {
      take: () =>
        'insert' in write ? this.#tables.insert(row, revision) : this.#tables.replace(row, expected, revision),
      existing: (index) => this.#tables.existing(row, index),
    };
  }

  find(query: Query): Promise<Found<T>> {
    return this.#read(() => {
      const { field, descending, phases } = planPage(this.spec, query);
      const rows: PageRow[] = [];
      for (const phase of phases) {
        const missing = query.limit + 1 - rows.length;
        if (missing > 0) rows.push(...this.#rows<PageRow>(this.#sql.page(phase, field, descending, missing)));
      }
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      const next = rows.length > query.limit && last !== undefined ? cursorOf(last, field) : undefined;
      return { documents: page.map((row) => stored<T>(row)), next };
    });
  }

  count(where?: Where): Promise<number> {
    return this.#read(() => {
      const [row] = this.#rows<{ count: number }>(this.#sql.count(conditionsOf(this.spec, where)));
      return row?.count ?? 0;
    });
  }

  explain(query: Query): Promise<readonly string[]> {
    return this.#file.settle(() => {
      const { field, descending, phases } = planPage(this.spec, query);
      return phases.flatMap((phase) => {
        const { text, parameters } = this.#sql.page(phase, field, descending, query.limit + 1);
        const steps = this.#rows<{ detail: string }>({ text: `EXPLAIN QUERY PLAN ${text}`, parameters });
        return steps.map(({ detail }) => detail);
      });
    });
  }

  /** Reads, and tells it once it is on the disk: what nobody was told is allowed to get lost with the power. */
  #read<R>(work: () => R): Promise<R> {
    return this.#file.settle(() => {
      const result = work();
      return this.#file.commits.pending?.then(() => result) ?? result;
    });
  }

  /** Each item by itself, many in one transaction. */
  async #inParts<I, R>(items: readonly I[], document: (item: I) => T, write: (row: Row, item: I) => R): Promise<R[]> {
    const writing = partsOf(items, PART).map((part) =>
      this.#file.settle(() => {
        const rows = part.map((item) => ({ item, row: this.#tables.row(document(item)) }));
        return this.#file.commits.run(rows.length, () => rows.map(({ item, row }) => write(row, item)));
      }),
    );
    return (await Promise.all(writing)).flat();
  }

  #rows<R>({ text, parameters }: Sql): R[] {
    const statement = this.#statements.get(text) ?? this.#file.db.prepare(text);
    this.#statements.delete(text);
    this.#statements.set(text, statement);
    if (this.#statements.size > KEPT_STATEMENTS) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    return statement.all(...parameters) as R[];
  }
}

function cursorOf({ id, place }: PageRow, field: string): string {
  return encodeCursor(field === 'id' ? undefined : scalarOf(place), id);
}
