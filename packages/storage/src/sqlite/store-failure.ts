import { BerthError } from '@berth/kernel';
import { sqliteCode } from './driver/result-code.js';

const RETRY_AFTER_MS = 1_000;

/** What to do about an SQLite result code, for people; by its family, such as SQLITE_IOERR of SQLITE_IOERR_WRITE. */
const ADVICE: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full: free some space',
  SQLITE_READONLY: 'the file cannot be written: check its permissions and whether the disk is mounted read-only',
  SQLITE_PERM: 'the file cannot be written: check its permissions and whether the disk is mounted read-only',
  SQLITE_IOERR: 'the disk refused to read or write: check free space, quota and the system log',
  SQLITE_CORRUPT: 'the file is damaged: stop the server, and put back a copy of the data directory',
  SQLITE_NOTADB: 'the file is damaged: stop the server, and put back a copy of the data directory',
  SQLITE_CANTOPEN: 'check that the data directory exists and is writable',
};

/** An SQLite failure as STORE_UNAVAILABLE, naming file and next step; any other error as it is. */
export function storeFailure(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const family = code.split('_').slice(0, 2).join('_');
  return new BerthError(
    'STORE_UNAVAILABLE',
    `the store ${file} failed (${code}: ${(error as Error).message}) and nothing was changed; ${ADVICE[family] ?? 'see the cause in the log'}, then retry`,
    { retryAfterMs: RETRY_AFTER_MS, metadata: { file, code } },
    { cause: error },
  );
}
