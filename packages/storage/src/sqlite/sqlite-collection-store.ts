import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { isDeepStrictEqual } from 'node:util';
import type { Collection, CollectionSpec, CollectionStore, Document } from '../collection/collection.js';
import { Revisions } from '../collection/revisions.js';
import { COLLECTION_FORMAT } from './collection-schema.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import { GroupCommit } from './group-commit.js';
import { SqliteCollection } from './sqlite-collection.js';
import type { OpenedFile } from './sqlite-file.js';
import { openSqliteFile, pingFile } from './sqlite-file.js';
import { storeFailure } from './store-failure.js';

export interface SqliteCollectionStoreOptions {
  /** The data directory, made when it is not there; ':memory:' keeps nothing and is for tests. */
  readonly dir: string;
  /** Name of the file in it, without '.db'; default `documents`. Stores of one process share a directory, not a file. */
  readonly database?: string;
  readonly clock: Clock;
}

class SqliteCollectionStore implements CollectionStore {
  readonly engine = 'sqlite';
  readonly #collections = new Map<string, { spec: CollectionSpec; collection: SqliteCollection<Document> }>();
  readonly #revisions = new Revisions();
  readonly #commits: GroupCommit;
  #conflicts = 0;

  constructor(
    readonly opened: OpenedFile,
    readonly clock: Clock,
  ) {
    this.#commits = new GroupCommit(opened.db, (error) => storeFailure(error, opened.file));
  }

  get db(): SqliteDatabase {
    return this.opened.db;
  }

  get file(): string {
    return this.opened.file;
  }

  get conflicts(): number {
    return this.#conflicts;
  }

  now(): number {
    return this.clock.now();
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
        countConflict: () => void (this.#conflicts += 1),
        settle: <R>(work: () => R | Promise<R>) => this.#settle(work),
      };
      const collection = new SqliteCollection<T>(file, spec);
      this.#collections.set(spec.name, { spec, collection: collection });
      return collection;
    });
  }

  ping(): Promise<void> {
    return this.#settle(() => {
      pingFile(this.db);
    });
  }

  close(): Promise<void> {
    if (this.db.open) {
      this.#commits.flush();
      this.opened.close();
    }
    return Promise.resolve();
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
  return new SqliteCollectionStore(openSqliteFile(options.dir, name, COLLECTION_FORMAT), options.clock);
}
