import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BerthError } from '@berth/kernel';
import { requireServer, until } from '@berth/testkit';
import test from 'ava';
import type { Thing } from '../collection/conformance/subject.js';
import { pages, thingSpec } from '../collection/conformance/subject.js';
import { openSqliteCollectionStore } from './sqlite-collection-store.js';

const CHILD = fileURLToPath(new URL('collection-child.ts', import.meta.url));

if (requireServer(test, 'prlimit')) {
  test('a full disk fails writes whole, reads go on, and writes too when there is room again', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
    const child = fork(CHILD, [dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const lines: string[] = [];
    child.on('message', (line) => lines.push(line as string));
    const written = (): string[] => lines.filter((line) => line.startsWith('ok '));
    const failed = (): string[] => lines.filter((line) => line.startsWith('failed '));
    // A limit on the size of the files that the child writes stands for the disk: writes past it fail.
    const limit = (bytes: string): void =>
      void execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
    try {
      await until(() => written().length >= 20, { what: 'writes', timeoutMs: 60_000 });
      limit('8192');
      await until(() => failed().length >= 20, { what: 'failures' });
      t.deepEqual(new Set(failed()), new Set(['failed STORE_UNAVAILABLE']));
      const before = written().length;
      limit('unlimited');
      await until(() => written().length >= before + 20, { what: 'writes again' });
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    const store = await openSqliteCollectionStore({ dir });
    const things = await store.collection<Thing>(thingSpec('things'));
    const all = await pages(things, { limit: 10_000 });
    const hosts = new Set(all.map(({ host }) => host));
    t.deepEqual(
      written().filter((line) => !hosts.has(line.slice('ok '.length))),
      [],
    );
    t.is(await things.count({ host: { prefix: '' } }), all.length);
    t.is(await things.count({ tags: 'a' }), all.length);
    await store.close();
    rmSync(dir, { recursive: true });
  });
}

test('a closed store says that the server is stopping, and has written what was asked of it before', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-sqlite-'));
  const store = await openSqliteCollectionStore({ dir });
  const things = await store.collection<Thing>(thingSpec('things'));
  const inserting = things.insert([{ id: 'a' }]);
  await store.close();
  t.is((await inserting)[0]?.outcome, 'inserted');
  for (const call of [() => things.get('a'), () => things.insert([{ id: 'b' }]), () => store.ping()]) {
    const error = await t.throwsAsync(call, { instanceOf: BerthError });
    t.is(error.reason, 'SHUTTING_DOWN');
  }
  const again = await openSqliteCollectionStore({ dir });
  t.is(await (await again.collection<Thing>(thingSpec('things'))).count(), 1);
  await again.close();
  rmSync(dir, { recursive: true });
});
