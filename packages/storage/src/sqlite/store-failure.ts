import { BerthError } from '@berth/kernel';
import Database from 'better-sqlite3';

const RETRY_AFTER_MS = 1_000;

/** What to do about an SQLite result code, for people. */
function advice(code: string): string {
  if (code === 'SQLITE_FULL') return 'the disk is full: free some space';
  if (code === 'SQLITE_READONLY' || code.startsWith('SQLITE_READONLY_') || code === 'SQLITE_PERM') {
    return 'the file cannot be written: check its permissions and whether the disk is mounted read-only';
  }
  if (code.startsWith('SQLITE_IOERR'))
    return 'the disk refused to read or write: check free space, quota and the system log';
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
    return 'the file is damaged: stop the server, and put back a copy of the data directory';
  }
  if (code === 'SQLITE_CANTOPEN') return 'check that the data directory exists and is writable';
  return 'see the cause in the log';
}

/** An SQLite failure as STORE_UNAVAILABLE, naming file and next step; any other error as it is. */
export function storeFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  return new BerthError(
    'STORE_UNAVAILABLE',
    `the store ${file} failed (${error.code}: ${error.message}) and nothing was changed; ${advice(error.code)}, then retry`,
    { retryAfterMs: RETRY_AFTER_MS, metadata: { file, code: error.code } },
    { cause: error },
  );
}
