/**
 * A value that SQLite keeps. Integers are safe ones of JavaScript, and a text has no NUL (Node.js 22 reads a text up to
 * its first one). A blob that is read may be a plain Uint8Array.
 */
export type SqliteValue = string | number | Uint8Array | null;

/** A prepared statement. Every call binds all parameters, in the order of the question marks. */
export interface SqliteStatement<P extends readonly SqliteValue[] = SqliteValue[], R = unknown> {
  /** Runs it to its end, and tells how many rows it changed. */
  run(...parameters: P): { readonly changes: number };
  /** The first row, as an object by the names of its columns. */
  get(...parameters: P): R | undefined;
  all(...parameters: P): R[];
  /** The rows one by one. Nothing may be written to this database before the last one. */
  iterate(...parameters: P): IterableIterator<R>;
}

/** A connection to a file, as both drivers have it. `sqliteCode` names its errors. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** A way to use SQLite. */
export interface SqliteDriver {
  readonly name: string;
  connect(file: string): SqliteConnection;
}

/** An open SQLite file. Each call does its work before it returns. */
export class SqliteDatabase {
  readonly #connection: SqliteConnection;
  readonly #begin: SqliteStatement<[]>;
  readonly #commit: SqliteStatement<[]>;
  readonly #rollback: SqliteStatement<[]>;
  readonly #savepoint: SqliteStatement<[]>;
  readonly #rollbackTo: SqliteStatement<[]>;
  readonly #release: SqliteStatement<[]>;
  #open = true;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#begin = this.prepare('BEGIN IMMEDIATE');
    this.#commit = this.prepare('COMMIT');
    this.#rollback = this.prepare('ROLLBACK');
    this.#savepoint = this.prepare('SAVEPOINT part');
    this.#rollbackTo = this.prepare('ROLLBACK TO part');
    this.#release = this.prepare('RELEASE part');
  }

  get open(): boolean {
    return this.#open;
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  prepare<P extends readonly SqliteValue[] = SqliteValue[], R = unknown>(sql: string): SqliteStatement<P, R> {
    return this.#connection.prepare(sql) as unknown as SqliteStatement<P, R>;
  }

  /** The value of a pragma. */
  pragma(name: string): SqliteValue {
    const row = this.prepare<[], Record<string, SqliteValue>>(`PRAGMA ${name}`).get();
    return Object.values(row ?? {})[0] ?? null;
  }

  setPragma(name: string, value: string | number): void {
    this.exec(`PRAGMA ${name} = ${String(value)}`);
  }

  /** Begins a transaction that may write. */
  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  /** Undoes the open transaction, unless SQLite has rolled back by itself, for instance when the disk is full. */
  rollBack(): void {
    try {
      this.#rollback.run();
    } catch {
      // Nothing was open. A transaction that could not be undone would refuse the next `begin`.
    }
  }

  /** Does the work in a transaction, which is undone when the work throws. */
  transaction<T>(work: () => T): T {
    this.begin();
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** Does a part of the open transaction, and undoes this part alone when the work gives something other than undefined. */
  part<T>(work: () => T | undefined): T | undefined {
    this.#savepoint.run();
    const refused = work();
    if (refused !== undefined) this.#rollbackTo.run();
    this.#release.run();
    return refused;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.close();
  }
}
