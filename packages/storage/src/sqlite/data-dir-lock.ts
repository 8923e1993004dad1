import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import { openSqlite } from './driver/open-sqlite.js';
import { sqliteCode } from './driver/result-code.js';
import type { SqliteDatabase } from './driver/sqlite-database.js';

/** The hold of one store on its file in a data directory. */
export interface DataDirLock {
  release(): void;
}

/** How long a starting process waits for one that is just ending. */
const PATIENCE_MS = 300;
const PID_FILE = 'berth.pid';

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim();
    if (/^\d+$/.test(pid)) return `process ${pid}`;
  } catch {
    // The holder has not written it yet, or it cannot be read: its number only helps people.
  }
  return 'another process';
}

function inUse(dir: string, who: string, cause?: unknown): BerthError {
  return new BerthError(
    'DATA_DIR_LOCKED',
    `the data directory ${dir} is in use by ${who}; stop it, or choose another directory (BERTH_DATA_DIR)`,
    { resource: { type: 'data directory', name: dir, owner: who } },
    { cause },
  );
}

/**
 * An exclusive SQLite transaction on a file of its own, thus a lock of the operating system's: it ends with the process,
 * also after kill -9, so nothing stale is left to judge by process number. The number beside it is for people.
 */
function lockForProcess(dir: string): SqliteDatabase {
  const pidFile = join(dir, PID_FILE);
  let db: SqliteDatabase | undefined;
  try {
    db = openSqlite(join(dir, 'berth.lock'), { busyMs: PATIENCE_MS });
    db.setPragma('locking_mode', 'EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${String(process.pid)}\n`);
    return db;
  } catch (error) {
    db?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true) throw error;
    throw inUse(dir, holder(pidFile), error);
  }
}

/** The directories that this process has, by their real paths, and the files in them that its stores have opened. */
const held = new Map<string, { readonly db: SqliteDatabase; readonly files: Set<string> }>();

/**
 * Takes a file of a data directory for one store of this process, making the directory when it is not there. Stores of one
 * process share the directory, each with a file of its own; it is free again when the last one releases it. Throws
 * DATA_DIR_LOCKED, naming the holder, while another process has the directory or another store the file, and
 * STORE_UNAVAILABLE when the directory cannot be used.
 */
export function lockDataDir(dir: string, file: string): DataDirLock {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const real = realpathSync(dir);
    const own = held.get(real) ?? { db: lockForProcess(real), files: new Set<string>() };
    if (own.files.has(file)) throw inUse(dir, `this process (its ${file} is open)`);
    held.set(real, own);
    own.files.add(file);
    return {
      release() {
        if (!own.files.delete(file) || own.files.size > 0) return;
        held.delete(real);
        rmSync(join(real, PID_FILE), { force: true });
        own.db.close();
      },
    };
  } catch (error) {
    if (error instanceof BerthError) throw error;
    throw new BerthError(
      'STORE_UNAVAILABLE',
      `the data directory ${dir} cannot be used (${(error as Error).message}); check its permissions and free space`,
      { metadata: { dir } },
      { cause: error },
    );
  }
}
