import type { ChildProcess } from 'node:child_process';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureOf, fakeClock, requireServer, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { texts } from '../event-log/conformance/subject.js';
import { openSqlite } from './driver/open-sqlite.js';
import { openSqliteEventLogStore } from './sqlite-event-log-store.js';

const CHILD = fileURLToPath(new URL('sqlite-child.ts', import.meta.url));
const clock = fakeClock();

async function startChild(t: ExecutionContext, dir: string): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = fork(CHILD, [dir], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  t.teardown(() => end(child));
  await until(() => lines.includes('open'), { what: 'the child to open the directory', timeoutMs: 60_000 });
  return { child, lines };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

test('a second process is told who has the data directory, until that one is killed', async (t) => {
  const dir = tempFolder(t);
  const { child } = await startChild(t, dir);
  const error = await failureOf(openSqliteEventLogStore({ dir, clock }));
  t.is(error.reason, 'DATA_DIR_LOCKED');
  t.is(error.details.resource?.name, dir);
  t.true(error.message.includes(dir));
  t.regex(error.message, new RegExp(`in use by process ${String(child.pid)}; stop it, or choose another directory`));
  await end(child);
  // The dead holder's files are still there, and its number may belong to any process by now: here, to this one.
  writeFileSync(join(dir, 'berth.pid'), `${String(process.pid)}\n`);
  const store = await openSqliteEventLogStore({ dir, clock });
  t.deepEqual(await store.labs(), ['child']);
  await store.close();
  t.false(existsSync(join(dir, 'berth.pid')));
});

if (requireServer(test, 'prlimit')) {
  test('a full disk makes appends fail whole, and they go on when there is room again', async (t) => {
    const dir = tempFolder(t);
    const { child, lines } = await startChild(t, dir);
    // A limit on the size of the files that the child writes stands for the disk: writes past it fail.
    const limit = (bytes: string): void =>
      void execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
    const written = (): string[] => lines.filter((line) => line.startsWith('ok '));
    const failed = (): string[] => lines.filter((line) => line.startsWith('failed '));
    await until(() => written().length >= 20, { what: 'appends' });
    limit('8192');
    await until(() => failed().length >= 20, { what: 'failures' });
    t.deepEqual(new Set(failed()), new Set(['failed STORE_UNAVAILABLE']));
    const before = written().length;
    limit('unlimited');
    await until(() => written().length >= before + 20, { what: 'appends again' });
    await end(child);
    const store = await openSqliteEventLogStore({ dir, clock });
    const { entries } = await (await store.open('child')).load();
    // Killed between commit and line, the last one may be there without its line.
    const expected = written().map((line) => line.slice('ok '.length));
    t.deepEqual(texts(entries).slice(0, expected.length), expected);
    t.true(entries.length <= expected.length + 1);
    await store.close();
  });
}

test('a damaged file and an unusable directory are told with path and next step', async (t) => {
  const dir = tempFolder(t);
  writeFileSync(join(dir, 'lease-log.db'), 'this is no database, but long enough to look like one'.repeat(100));
  const damaged = await failureOf(openSqliteEventLogStore({ dir, clock }));
  t.is(damaged.reason, 'STORE_UNAVAILABLE');
  t.regex(damaged.message, /lease-log\.db failed \(SQLITE_NOTADB.*put back a copy of the data directory/);
  const file = join(dir, 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const unusable = await failureOf(openSqliteEventLogStore({ dir: join(file, 'data'), clock }));
  t.is(unusable.reason, 'STORE_UNAVAILABLE');
  t.true(unusable.message.includes(join(file, 'data')));
});

test('a file of a newer version of Berth is left alone', async (t) => {
  const dir = tempFolder(t);
  await (await openSqliteEventLogStore({ dir, clock })).close();
  const db = openSqlite(join(dir, 'lease-log.db'));
  db.setPragma('user_version', 999);
  db.close();
  const error = await failureOf(openSqliteEventLogStore({ dir, clock }));
  t.regex(error.message, /its format is 999.*use a newer one/);
});
