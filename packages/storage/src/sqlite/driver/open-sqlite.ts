import { betterSqlite } from './better-sqlite.js';
import { nodeSqlite } from './node-sqlite.js';
import type { SqliteDriver } from './sqlite-database.js';
import { SqliteDatabase } from './sqlite-database.js';

/** Pages kept in memory, in KiB; the drivers differ in their defaults. */
const CACHE_KIB = 16_000;

/** How long a call waits for another connection that has the file locked. */
const BUSY_MS = 1_000;

/**
 * Opens an SQLite file, made when it is not there, with the driver that this Node.js has. Throws what the driver throws;
 * see `sqliteCode`.
 */
export function openSqlite(
  file: string,
  { busyMs = BUSY_MS, driver = nodeSqlite ?? betterSqlite }: { busyMs?: number; driver?: SqliteDriver } = {},
): SqliteDatabase {
  const connection = driver.connect(file);
  try {
    connection.exec(`PRAGMA busy_timeout = ${String(busyMs)}`);
    connection.exec(`PRAGMA cache_size = -${String(CACHE_KIB)}`);
    return new SqliteDatabase(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}
