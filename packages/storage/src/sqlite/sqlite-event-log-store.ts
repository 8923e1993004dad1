import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { EventLogStore } from '../event-log/event-log.js';
import type { SqliteDatabase, SqliteStatement } from './driver/sqlite-database.js';
import { LOG_FORMAT } from './schema.js';
import { SqliteEventLog } from './sqlite-event-log.js';
import type { OpenedFile } from './sqlite-file.js';
import { openSqliteFile, pingFile } from './sqlite-file.js';
import type { Statements } from './statements.js';
import { prepareStatements } from './statements.js';
import { storeFailure } from './store-failure.js';

const FILE = 'lease-log.db';

export interface SqliteEventLogStoreOptions {
  /** The data directory, made when it is not there; ':memory:' keeps nothing and is for tests. */
  readonly dir: string;
  readonly clock: Clock;
}

class SqliteEventLogStore implements EventLogStore {
  readonly engine = 'sqlite';
  readonly shared = false;
  readonly #logs = new Map<string, SqliteEventLog>();
  readonly #statements: Statements;
  readonly #written: SqliteStatement<[string]>;

  constructor(
    readonly opened: OpenedFile,
    readonly clock: Clock,
  ) {
    this.#statements = prepareStatements(opened.db);
    this.#written = opened.db.prepare(
      'SELECT 1 FROM lab WHERE name = ? AND (trimmed > 0 OR EXISTS (SELECT 1 FROM entry WHERE entry.lab = lab.id))',
    );
  }

  get db(): SqliteDatabase {
    return this.opened.db;
  }

  get file(): string {
    return this.opened.file;
  }

  open(lab: string): Promise<SqliteEventLog> {
    return this.#settle(() => {
      const opened = this.#logs.get(lab);
      if (opened !== undefined) return opened;
      this.db.prepare('INSERT INTO lab (name) VALUES (?) ON CONFLICT (name) DO NOTHING').run(lab);
      const { id } = this.db.prepare('SELECT id FROM lab WHERE name = ?').get(lab) as { id: number };
      const log = new SqliteEventLog({
        id,
        db: this.db,
        statements: this.#statements,
        file: this.file,
        clock: this.clock,
      });
      this.#logs.set(lab, log);
      return log;
    });
  }

  has(lab: string): Promise<boolean> {
    return this.#settle(() => this.#written.get(lab) !== undefined);
  }

  labs(): Promise<readonly string[]> {
    return this.#settle(() =>
      this.db
        .prepare<[], { name: string }>('SELECT name FROM lab ORDER BY name')
        .all()
        .map(({ name }) => name),
    );
  }

  ping(): Promise<void> {
    return this.#settle(() => {
      pingFile(this.db);
    });
  }

  async close(): Promise<void> {
    if (!this.db.open) return;
    for (const log of this.#logs.values()) await log.close();
    this.opened.close();
  }

  #settle<T>(work: () => T): Promise<T> {
    try {
      if (!this.db.open)
        throw new BerthError('SHUTTING_DOWN', `the store ${this.file} is closed; the server is stopping`);
      return Promise.resolve(work());
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown, made readable
      return Promise.reject(storeFailure(error, this.file));
    }
  }
}

/**
 * Opens the logs of all labs in a data directory, which this process then has for itself. Throws DATA_DIR_LOCKED while
 * another process has it, STORE_UNAVAILABLE when it cannot be read or written.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a promise like the other engines', so that callers need not tell them apart
export async function openSqliteEventLogStore({ dir, clock }: SqliteEventLogStoreOptions): Promise<EventLogStore> {
  return new SqliteEventLogStore(openSqliteFile(dir, FILE, LOG_FORMAT), clock);
}
