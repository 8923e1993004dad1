import { BerthError } from '@berth/kernel';
import { isDeepStrictEqual } from 'node:util';
import type {
  Collection,
  CollectionSpec,
  CollectionStore,
  Document,
  Write,
  WriteAllResult,
} from '../collection/collection.js';
import { Revisions } from '../collection/revisions.js';
import { COLLECTION_FORMAT } from './collection-schema.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import { GroupCommit } from './group-commit.js';
import { SqliteCollection } from './sqlite-collection.js';
import type { OpenedFile } from './sqlite-file.js';
import { openSqliteFile, pingFile } from './sqlite-file.js';
import { storeFailure } from './store-failure.js';
import { takeSteps } from './take-steps.js';
import type { WalSync } from './wal-sync.js';
import { walOf } from './wal-sync.js';

export interface SqliteCollectionStoreOptions {
  /** The data directory, made when it is not there; ':memory:' keeps nothing and is for tests. */
  readonly dir: string;
  /** Name of the file in it, without '.db'; default `documents`. Stores of one process share a directory, not a file. */
  readonly database?: string;
}

class SqliteCollectionStore implements CollectionStore {
  readonly engine = 'sqlite';
  readonly #collections = new Map<string, { spec: CollectionSpec; collection: SqliteCollection<Document> }>();
  readonly #revisions = new Revisions();
  readonly #commits: GroupCommit;

  constructor(
    readonly opened: OpenedFile,
    readonly wal: WalSync | undefined,
  ) {
    this.#commits = new GroupCommit(opened.db, (error) => storeFailure(error, opened.file), wal);
  }

  get db(): SqliteDatabase {
    return this.opened.db;
  }

  get file(): string {
    return this.opened.file;
  }

  collection<T extends Document>(spec: CollectionSpec): Promise<Collection<T>> {
    return this.#settle(() => {
      const opened = this.#collections.get(spec.name);
      if (opened !== undefined) {
        if (isDeepStrictEqual(opened.spec, spec)) return opened.collection as unknown as Collection<T>;
        throw new TypeError(`the collection ${spec.name} is open already, with other indexes`);
      }
      const file = {
        db: this.db,
        commits: this.#commits,
        nextRevision: () => this.#revisions.next(),
        settle: <R>(work: () => R | Promise<R>) => this.#settle(work),
      };
      const collection = new SqliteCollection<T>(file, spec);
      this.#collections.set(spec.name, { spec, collection: collection });
      return collection;
    });
  }

  writeAll(writes: readonly Write[]): Promise<WriteAllResult> {
    return this.#settle(() => {
      const steps = writes.map((write) => {
        const opened = this.#collections.get(write.collection);
        if (opened === undefined) throw new TypeError(`the collection ${write.collection} is not open`);
        return opened.collection.step(write);
      });
      return this.#commits.run(steps.length, () => takeSteps(this.db, steps));
    });
  }

  ping(): Promise<void> {
    return this.#settle(() => {
      if (this.wal?.failure !== undefined) throw this.wal.failure;
      pingFile(this.db);
    });
  }

  async close(): Promise<void> {
    if (!this.db.open) return;
    this.#commits.flush();
    this.opened.close();
    await this.wal?.close();
  }

  async #settle<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      if (!this.db.open)
        throw new BerthError('SHUTTING_DOWN', `the store ${this.file} is closed; the server is stopping`);
      return await work();
    } catch (error) {
      throw storeFailure(error, this.file);
    }
  }
}

/**
 * Opens the collections in a data directory, which this process then has for itself. Throws DATA_DIR_LOCKED while another
 * process has it, STORE_UNAVAILABLE when it cannot be read or written.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a promise like the other engines', so that callers need not tell them apart
export async function openSqliteCollectionStore(options: SqliteCollectionStoreOptions): Promise<CollectionStore> {
  const name = `${options.database ?? 'documents'}.db`;
  const opened = openSqliteFile(options.dir, name, COLLECTION_FORMAT);
  return new SqliteCollectionStore(opened, walOf(opened));
}
