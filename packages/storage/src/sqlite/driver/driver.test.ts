import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { betterSqlite } from './better-sqlite.js';
import { nodeSqlite } from './node-sqlite.js';
import { openSqlite } from './open-sqlite.js';
import { sqliteCode } from './result-code.js';
import type { SqliteDatabase } from './sqlite-database.js';

// The conformance suite of the drivers, on the one that this Node.js has: CI runs it on Node.js 20 and on a newer one.
const driver = nodeSqlite ?? betterSqlite;

function newFile(t: ExecutionContext): string {
  return join(tempFolder(t), 'file.db');
}

function open(t: ExecutionContext, file = ':memory:', busyMs = 0): SqliteDatabase {
  const db = openSqlite(file, { driver, busyMs });
  t.teardown(() => {
    db.close();
  });
  return db;
}

function codeOf(t: ExecutionContext, work: () => unknown): string | undefined {
  return sqliteCode(t.throws(work, { any: true }));
}

test('Node.js with an SQLite of its own uses it, others better-sqlite3', (t) => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  t.is(driver.name, major > 22 || (major === 22 && minor >= 13) ? 'node:sqlite' : 'better-sqlite3');
});

test('values come back as they were stored, in columns with and without a type', (t) => {
  const db = open(t);
  db.exec('CREATE TABLE a (free, whole INTEGER, words TEXT, bytes BLOB)');
  const insert = db.prepare('INSERT INTO a VALUES (?, ?, ?, ?)');
  const select = db.prepare<[], Record<string, unknown>>('SELECT free, whole, words, bytes FROM a');
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  for (const free of [0, -1, 1.5, 2 ** 40, Number.MAX_SAFE_INTEGER, 1e300, 'x', '', 'ä\u0001€😀', bytes, null]) {
    for (const whole of [0, -(2 ** 31), 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      t.is(insert.run(free, whole, 'text', Buffer.from(bytes)).changes, 1);
      const row = select.get();
      t.deepEqual(row?.['free'] instanceof Uint8Array ? Uint8Array.from(row['free']) : row?.['free'], free);
      t.is(row?.['whole'], whole);
      t.is(row?.['words'], 'text');
      t.deepEqual(Uint8Array.from(row?.['bytes'] as Uint8Array), bytes);
      t.is(db.prepare('DELETE FROM a').run().changes, 1);
    }
  }
});

test('run counts the rows that it changed, get gives the first or undefined, all and iterate give each', (t) => {
  const db = open(t);
  db.exec('CREATE TABLE a (id INTEGER PRIMARY KEY, value TEXT)');
  const insert = db.prepare("INSERT INTO a VALUES (?, 'x') ON CONFLICT DO NOTHING");
  for (const id of [1, 2, 3]) t.is(insert.run(id).changes, 1);
  t.is(insert.run(3).changes, 0);
  t.is(db.prepare<[string]>('UPDATE a SET value = ?').run('y').changes, 3);
  t.is(db.prepare('UPDATE a SET value = ? WHERE id > ?').run('z', 7).changes, 0);
  const after = db.prepare<[number], { id: number }>('SELECT id FROM a WHERE id > ? ORDER BY id');
  t.is(after.get(1)?.id, 2);
  t.is(after.get(3), undefined);
  t.deepEqual(
    after.all(1).map(({ id }) => id),
    [2, 3],
  );
  t.deepEqual(after.all(3), []);
  t.deepEqual(
    [...after.iterate(0)].map(({ id }) => id),
    [1, 2, 3],
  );
  // One that is left early leaves nothing locked.
  for (const { id } of after.iterate(0)) if (id === 1) break;
  t.is(insert.run(4).changes, 1);
});

test('a transaction is whole or not at all, and undoing what SQLite undid already is no error', (t) => {
  const file = newFile(t);
  const db = open(t, file);
  const other = open(t, file);
  db.setPragma('journal_mode', 'WAL');
  db.exec('CREATE TABLE a (id INTEGER PRIMARY KEY)');
  const count = (from: SqliteDatabase): unknown =>
    from.prepare<[], { n: number }>('SELECT count(*) AS n FROM a').get()?.n;
  const insert = db.prepare('INSERT INTO a VALUES (?)');
  const seen = db.transaction(() => {
    insert.run(1);
    return count(other);
  });
  t.is(seen, 0);
  t.is(count(other), 1);
  const undone = new Error('undone');
  const thrown = t.throws(() =>
    db.transaction(() => {
      insert.run(2);
      throw undone;
    }),
  );
  t.is(thrown, undone);
  db.rollBack();
  db.begin();
  insert.run(3);
  db.exec('ROLLBACK');
  db.rollBack();
  db.begin();
  insert.run(4);
  db.commit();
  t.is(count(other), 2);
});

test('failures have the names that SQLite gives them', (t) => {
  const file = newFile(t);
  const db = open(t, file);
  db.setPragma('journal_mode', 'WAL');
  db.exec('CREATE TABLE a (id INTEGER PRIMARY KEY, value UNIQUE)');
  const insert = db.prepare('INSERT INTO a VALUES (?, ?)');
  insert.run(1, 'x');
  t.is(
    codeOf(t, () => insert.run(1, 'y')),
    'SQLITE_CONSTRAINT_PRIMARYKEY',
  );
  t.is(
    codeOf(t, () => insert.run(2, 'x')),
    'SQLITE_CONSTRAINT_UNIQUE',
  );
  t.is(
    codeOf(t, () => db.exec('SELECT nonsense')),
    'SQLITE_ERROR',
  );
  const other = open(t, file);
  db.begin();
  t.is(
    codeOf(t, () => other.begin()),
    'SQLITE_BUSY',
  );
  db.commit();
  db.setPragma('query_only', 1);
  t.is(
    codeOf(t, () => insert.run(2, 'y')),
    'SQLITE_READONLY',
  );
  db.setPragma('query_only', 0);
  db.setPragma('max_page_count', 4);
  t.is(
    codeOf(t, () => insert.run(2, 'y'.repeat(100_000))),
    'SQLITE_FULL',
  );
  const damaged = newFile(t);
  writeFileSync(damaged, 'this is not a database, but long enough to look like one'.repeat(100));
  t.is(
    codeOf(t, () => open(t, damaged).setPragma('journal_mode', 'WAL')),
    'SQLITE_NOTADB',
  );
  t.is(
    codeOf(t, () => open(t, join(damaged, 'no', 'such'))),
    driver === nodeSqlite ? 'SQLITE_CANTOPEN' : undefined,
  );
  t.is(sqliteCode(new Error('x')), undefined);
  t.is(sqliteCode('SQLITE_FULL'), undefined);
});

test('numbers of results have their names', (t) => {
  const named = (errcode: number): string | undefined =>
    sqliteCode(Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode }));
  t.deepEqual([5, 8, 10, 13, 26, 778, 1034, 4874, 1544, 261, 517, 9998].map(named), [
    'SQLITE_BUSY',
    'SQLITE_READONLY',
    'SQLITE_IOERR',
    'SQLITE_FULL',
    'SQLITE_NOTADB',
    'SQLITE_IOERR_WRITE',
    'SQLITE_IOERR_FSYNC',
    'SQLITE_IOERR_SHMSIZE',
    'SQLITE_READONLY_DIRECTORY',
    'SQLITE_BUSY_RECOVERY',
    'SQLITE_BUSY_SNAPSHOT',
    'SQLITE_CANTOPEN_39',
  ]);
});

test('a closed file says so, and closing it again does nothing', (t) => {
  const db = open(t);
  const select = db.prepare('SELECT 1');
  t.true(db.open);
  db.close();
  db.close();
  t.false(db.open);
  t.throws(() => select.get());
  t.throws(() => db.begin());
});

test('pragmas are set and read', (t) => {
  const db = open(t, newFile(t), 1_234);
  t.is(db.pragma('busy_timeout'), 1_234);
  t.is(db.pragma('cache_size'), -16_000);
  db.setPragma('user_version', 7);
  t.is(db.pragma('user_version'), 7);
  db.setPragma('journal_mode', 'WAL');
  t.is(db.pragma('journal_mode'), 'wal');
});
