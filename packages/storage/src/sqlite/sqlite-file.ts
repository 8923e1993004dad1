import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import { lockDataDir } from './data-dir-lock.js';
import { openSqlite } from './driver/open-sqlite.js';
import { sqliteCode } from './driver/result-code.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';
import { storeFailure } from './store-failure.js';

/** A file of a data directory, open and locked for one store. */
export interface OpenedFile {
  readonly db: SqliteDatabase;
  /** Its path, for messages. */
  readonly file: string;
  /** Closes it and gives the directory free. */
  close(): void;
}

export interface FileFormat {
  readonly version: number;
  /** Brings a file of an older version, 0 for a new one, to this version. */
  readonly upgrade: (db: SqliteDatabase, from: number) => void;
}

/** Prepares a file: what is committed is on the disk, and the tables are those of the format. */
export function prepareFile(db: SqliteDatabase, { version, upgrade }: FileFormat): void {
  db.setPragma('journal_mode', 'WAL');
  db.setPragma('synchronous', 'FULL');
  db.transaction(() => {
    const found = db.pragma('user_version') as number;
    if (found > version) {
      throw new Error(
        `its format is ${String(found)}, this version of Berth knows ${String(version)}: use a newer one`,
      );
    }
    if (found === version) return;
    upgrade(db, found);
    db.setPragma('user_version', version);
  });
}

/**
 * Opens a file of a data directory, which this process then has for itself; ':memory:' as directory keeps nothing. Throws
 * DATA_DIR_LOCKED while another process has the directory, STORE_UNAVAILABLE when the file cannot be read or written, or
 * a newer version of Berth wrote it.
 */
export function openSqliteFile(dir: string, name: string, format: FileFormat): OpenedFile {
  const memory = dir === ':memory:';
  const lock = memory ? undefined : lockDataDir(dir, name);
  const file = memory ? ':memory:' : join(dir, name);
  let db: SqliteDatabase | undefined;
  const close = (): void => {
    db?.close();
    lock?.release();
  };
  try {
    db = openSqlite(file);
    prepareFile(db, format);
    return { db, file, close };
  } catch (error) {
    close();
    if (sqliteCode(error) !== undefined) throw storeFailure(error, file);
    const message = error instanceof Error ? error.message : String(error);
    throw new BerthError('STORE_UNAVAILABLE', `cannot open the store ${file}: ${message}`, {}, { cause: error });
  }
}

/** Writes to the file without changing what it says, since a full or read-only disk still reads well. */
export function pingFile(db: SqliteDatabase): void {
  db.setPragma('user_version', db.pragma('user_version') as number);
}
