import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@berth/kernel';
import { openSqliteCollectionStore } from '@berth/storage';
import { tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { PoolsInForce } from '../../app/pools-in-force.js';
import { openInForce } from '../../store/open-in-force.js';
import type { PoolsFile } from './pools-file.js';
import { poolsFile } from './pools-file.js';

interface Process {
  readonly inForce: PoolsInForce;
  readonly file: PoolsFile;
  readonly errors: string[];
  readonly names: () => readonly string[];
}

async function openProcess(t: ExecutionContext, path: string): Promise<Process> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const errors: string[] = [];
  const logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, what: string) => void errors.push(what),
  };
  const pools = await store.collection<never>({ name: 'pools', indexes: [] });
  const clock = systemClock(false);
  const inForce = new PoolsInForce({
    inForce: await openInForce(store),
    pools,
    clock,
    logger,
    requestIdTtlMs: 86_400_000,
  });
  await inForce.start();
  const file = poolsFile(path, inForce, clock, logger);
  t.teardown(async () => {
    file.stop();
    await inForce.stop();
    await store.close();
  });
  return { inForce, file, errors, names: () => inForce.all.map(({ options }) => options.name) };
}

/** Lets a process lead until the test is over, or what is returned is called. */
function lead(t: ExecutionContext, { file }: Process): () => Promise<void> {
  const abort = new AbortController();
  const leading = file.lead(abort.signal);
  const end = () => {
    abort.abort();
    return leading;
  };
  t.teardown(end);
  return end;
}

function write(path: string, ...pools: readonly string[]): void {
  writeText(path, pools.map((pool) => `${pool}: { cmd_new: make, cmd_delete: remove }\n`).join(''));
}

/** In one step, as who watches the file may read it at any moment. */
function writeText(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test('the file of the process that leads is in force, again whenever it changes and on SIGHUP', async (t) => {
  const path = join(tempFolder(t), 'pools.yaml');
  write(path, 'a');
  const berthd = await openProcess(t, path);
  await berthd.file.check();
  t.deepEqual(berthd.names(), []);
  const end = lead(t, berthd);
  await until(() => berthd.names().join() === 'a', { what: 'the file' });
  write(path, 'a', 'b');
  await until(() => berthd.names().join() === 'a,b', { what: 'the new file' });
  await end();
  process.kill(process.pid, 'SIGHUP');
  write(path, 'c');
  lead(t, berthd);
  await until(() => berthd.names().includes('c'), { what: 'the file of the next time' });
});

test('a file with faults leaves the last good one in force, and that is told', async (t) => {
  const path = join(tempFolder(t), 'pools.yaml');
  write(path, 'a');
  const berthd = await openProcess(t, path);
  lead(t, berthd);
  await until(() => berthd.names().join() === 'a', { what: 'the file' });
  writeText(path, 'b: { cmd_new: x }\n');
  const fault = await until(() => berthd.inForce.document.fileFault, { what: 'the fault' });
  t.regex(fault, /pools\.yaml:1:1: b: has no 'cmd_delete'/);
  t.regex(berthd.errors[0] ?? '', /^pools\.yaml is not used, the pools in force stay as they were: /);
  t.deepEqual(berthd.names(), ['a']);
  write(path, 'a');
  await until(() => berthd.inForce.document.fileFault === '', { what: 'the good file' });
});

test('a process does not start with a bad file when no pools are in force', async (t) => {
  const path = join(tempFolder(t), 'pools.yaml');
  const berthd = await openProcess(t, path);
  await t.throwsAsync(berthd.file.check(), { message: /there is no such file/ });
  writeText(path, 'a: 5\n');
  await t.throwsAsync(berthd.file.check(), { message: /pools\.yaml:1:1: a: is the number 5/ });
  await berthd.inForce.apply([], 'ann', { id: '', fingerprint: '' });
  await berthd.file.check();
  t.is(berthd.errors.length, 1);
});
