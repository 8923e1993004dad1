/** The result codes of SQLite in the order of their numbers, from 0. */
const PRIMARY = (
  'OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL ' +
  'EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING'
).split(' ');

/** Extended codes by their primary one, from 1. */
const EXTENDED: Readonly<Record<string, string>> = {
  BUSY: 'RECOVERY SNAPSHOT TIMEOUT',
  READONLY: 'RECOVERY CANTLOCK ROLLBACK DBMOVED CANTINIT DIRECTORY',
  IOERR:
    'READ SHORT_READ WRITE FSYNC DIR_FSYNC TRUNCATE FSTAT UNLOCK RDLOCK DELETE BLOCKED NOMEM ACCESS ' +
    'CHECKRESERVEDLOCK LOCK CLOSE DIR_CLOSE SHMOPEN SHMSIZE SHMLOCK SHMMAP SEEK DELETE_NOENT MMAP GETTEMPPATH ' +
    'CONVPATH VNODE AUTH BEGIN_ATOMIC COMMIT_ATOMIC ROLLBACK_ATOMIC DATA CORRUPTFS',
  CORRUPT: 'VTAB SEQUENCE INDEX',
  CANTOPEN: 'NOTEMPDIR ISDIR FULLPATH CONVPATH DIRTYWAL SYMLINK',
  CONSTRAINT: 'CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID',
};

function nameOf(code: number): string {
  const primary = PRIMARY[code & 0xff] ?? String(code & 0xff);
  const extended = code >> 8;
  if (extended === 0) return `SQLITE_${primary}`;
  return `SQLITE_${primary}_${EXTENDED[primary]?.split(' ')[extended - 1] ?? String(extended)}`;
}

/**
 * SQLite's name of a failure, such as SQLITE_IOERR_WRITE, the same from each driver; undefined for an error that is not
 * SQLite's.
 */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  // node:sqlite has the number, better-sqlite3 the name.
  if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number') return nameOf(errcode);
  return name === 'SqliteError' && typeof code === 'string' ? code : undefined;
}
