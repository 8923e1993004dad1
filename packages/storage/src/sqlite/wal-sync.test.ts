import { join } from 'node:path';
import { tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openSqlite } from './driver/open-sqlite.js';
import { GroupCommit } from './group-commit.js';
import { WalSync } from './wal-sync.js';

/** A file with writes in groups, whose disk answers when it is told to. */
function newSubject(t: ExecutionContext) {
  const file = join(tempFolder(t), 'x.db');
  const db = openSqlite(file);
  t.teardown(() => {
    db.close();
  });
  db.setPragma('journal_mode', 'WAL');
  db.exec('CREATE TABLE a (id INTEGER PRIMARY KEY)');
  const waits: { readonly done: () => void; readonly failed: (error: Error) => void }[] = [];
  const wal = new WalSync(
    file,
    () =>
      new Promise((done, failed) => {
        waits.push({ done, failed });
      }),
  );
  const commits = new GroupCommit(db, (error) => error, wal);
  const insert = db.prepare<[number]>('INSERT INTO a VALUES (?)');
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM a');
  const told: number[] = [];
  const write = async (id: number): Promise<void> => {
    await commits.run(1, () => insert.run(id));
    told.push(id);
  };
  return { commits, wal, waits, told, write, count: () => count.get()?.n };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

test('a write is told once the disk has it, and those that come meanwhile wait together for the next time', async (t) => {
  const { commits, waits, told, write, count, wal } = newSubject(t);
  t.is(commits.pending, undefined);
  const writing = [write(1)];
  await turn();
  for (const id of [2, 3]) {
    writing.push(write(id));
    await turn();
  }
  t.is(count(), 1, 'the others are committed together');
  t.deepEqual([told, waits.length], [[], 1]);
  waits[0]?.done();
  await turn();
  t.deepEqual([told, waits.length, count()], [[1], 2, 3]);
  const pending = commits.pending;
  t.truthy(pending);
  waits[1]?.done();
  await Promise.all([...writing, pending]);
  t.deepEqual([told, waits.length], [[1, 2, 3], 2]);
  t.is(commits.pending, undefined);
  await wal.close();
});

test('after a disk that failed nothing is written, and what waited is not told', async (t) => {
  const { waits, told, write, count, wal } = newSubject(t);
  const writing = [1, 2].map(write);
  await turn();
  const later = write(3);
  await turn();
  waits[0]?.failed(new Error('EIO: i/o error'));
  const expected = { message: /EIO: i\/o error.*start the server again/ };
  for (const waiting of [...writing, later]) await t.throwsAsync(waiting, expected);
  await t.throwsAsync(write(4), expected);
  t.deepEqual([told, waits.length, count()], [[], 1, 2]);
  t.is(wal.failure?.reason, 'STORE_UNAVAILABLE');
  await wal.close();
});
