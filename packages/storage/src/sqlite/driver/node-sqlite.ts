import { isBuiltin } from 'node:module';
import type { SqliteConnection, SqliteDriver } from './sqlite-database.js';

/** The part of node:sqlite that is used; the types of Node.js 20 do not have it. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SqliteConnection;
}

/** Loads node:sqlite without the warning of Node.js 22 that it is experimental: users can do nothing about it. */
function load(): NodeSqlite {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- only put back as it was
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite') as NodeSqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The SQLite of Node.js itself, from 22.13 on; undefined where there is none. */
export const nodeSqlite: SqliteDriver | undefined = isBuiltin('node:sqlite')
  ? {
      name: 'node:sqlite',
      connect(file) {
        const { DatabaseSync } = load();
        return new DatabaseSync(file);
      },
    }
  : undefined;
