import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import Database from 'better-sqlite3';

/** The hold of this process on a data directory. */
export interface DataDirLock {
  release(): void;
}

/** How long a starting process waits for one that is just ending. */
const PATIENCE_MS = 300;

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim();
    if (/^\d+$/.test(pid)) return `process ${pid}`;
  } catch {
    // The holder has not written it yet, or it cannot be read: its number only helps people.
  }
  return 'another process';
}

/**
 * Takes a data directory for this process, making the directory when it is not there. Throws DATA_DIR_LOCKED, naming the
 * holder, while another process has it, and STORE_UNAVAILABLE when the directory cannot be used.
 *
 * The lock is an exclusive SQLite transaction on a file of its own, thus a lock of the operating system's: it ends with the
 * process, also after kill -9, so nothing stale is left to judge by process number. The number beside it is for people.
 */
export function lockDataDir(dir: string): DataDirLock {
  const pidFile = join(dir, 'berth.pid');
  let db: Database.Database | undefined;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    db = new Database(join(dir, 'berth.lock'), { timeout: PATIENCE_MS });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${String(process.pid)}\n`);
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      const who = holder(pidFile);
      throw new BerthError(
        'DATA_DIR_LOCKED',
        `the data directory ${dir} is in use by ${who}; stop it, or choose another directory (BERTH_DATA_DIR)`,
        { resource: { type: 'data directory', name: dir, owner: who } },
        { cause: error },
      );
    }
    throw new BerthError(
      'STORE_UNAVAILABLE',
      `the data directory ${dir} cannot be used (${(error as Error).message}); check its permissions and free space`,
      { metadata: { dir } },
      { cause: error },
    );
  }
  const held = db;
  return {
    release() {
      if (!held.open) return;
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}
