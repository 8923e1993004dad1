import { createRequire } from 'node:module';
import type { SqliteConnection, SqliteDriver } from './sqlite-database.js';

/** Loads better-sqlite3 when it is needed: only Node.js without node:sqlite has it installed. */
function load(): new (file: string) => SqliteConnection {
  try {
    return createRequire(import.meta.url)('better-sqlite3') as new (file: string) => SqliteConnection;
  } catch (error) {
    throw new Error(
      `Node.js ${process.versions.node} has no SQLite of its own and better-sqlite3 is not installed: use Node.js 22.13 or newer, or install better-sqlite3 12`,
      { cause: error },
    );
  }
}

/** better-sqlite3 12, for Node.js 20. Newer versions crash there, and 12 crashes Node.js 24 (docs/adr/0007). */
export const betterSqlite: SqliteDriver = {
  name: 'better-sqlite3',
  connect(file) {
    const Database = load();
    return new Database(file);
  },
};
