import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError, systemClock } from '@berth/kernel';
import { tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { WatchedFile } from './watched-file.js';

/** A watched file that takes any text but "bad"; `before` is called before it takes one. */
function watched(t: ExecutionContext, path = join(tempFolder(t), 'things.yaml'), before: () => void = () => undefined) {
  const taken: string[] = [];
  const errors: string[] = [];
  const file = new WatchedFile({
    path,
    what: 'the file of things',
    take: (text) => {
      before();
      if (text === 'bad') return Promise.reject(new BerthError('INVALID_CONFIG', 'it is bad'));
      taken.push(text);
      return Promise.resolve();
    },
    clock: systemClock(false),
    logger: { info: () => undefined, warn: () => undefined, error: (_, message) => void errors.push(message) },
  });
  t.teardown(() => file.stop());
  return { file, path, taken, errors };
}

/** Replaces a file, as an editor does. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test('a file is read at the start and when it is replaced', async (t) => {
  const { file, path, taken } = watched(t);
  writeFileSync(path, 'one');
  await file.start();
  t.deepEqual(taken, ['one']);
  replace(path, 'two');
  await until(() => taken.includes('two'), { what: 'the new text' });
  t.deepEqual(taken, ['one', 'two']);
});

test('a file that changes while it is read for the first time is read again', async (t) => {
  const path = join(tempFolder(t), 'things.yaml');
  const { file, taken } = watched(t, path, () => {
    if (taken.length === 0) replace(path, 'two');
  });
  writeFileSync(path, 'one');
  await file.start();
  await until(() => taken.includes('two'), { what: 'the new text' });
  t.deepEqual(taken, ['one', 'two']);
});

test('SIGHUP reads the file, also where no change of its folder is seen', async (t) => {
  const target = join(tempFolder(t), 'target.yaml');
  const link = join(tempFolder(t), 'link.yaml');
  writeFileSync(target, 'one');
  symlinkSync(target, link);
  const { file, taken } = watched(t, link);
  await file.start();
  writeFileSync(target, 'two');
  process.kill(process.pid, 'SIGHUP');
  await until(() => taken.includes('two'), { what: 'the new text' });
  t.deepEqual(taken, ['one', 'two']);
});

test('a file with faults is logged, and the next good one is taken', async (t) => {
  const { file, path, taken, errors } = watched(t);
  writeFileSync(path, 'one');
  await file.start();
  replace(path, 'bad');
  await file.reload();
  t.deepEqual([taken, errors], [['one'], ['things.yaml is not used, what it said before stays: it is bad']]);
  rmSync(path);
  await file.reload();
  t.regex(errors[1] ?? '', /there is no such file/);
  replace(path, 'two');
  await file.reload();
  t.deepEqual(taken, ['one', 'two']);
});

test('a text that is the same is not taken again', async (t) => {
  const { file, path, taken } = watched(t);
  writeFileSync(path, 'one');
  await file.start();
  replace(path, 'one');
  await file.reload();
  t.deepEqual(taken, ['one']);
});

test('nothing starts without a file, or with one that has faults', async (t) => {
  const { file, path } = watched(t);
  const missing = await t.throwsAsync(file.start(), { instanceOf: BerthError });
  t.is(missing.reason, 'INVALID_CONFIG');
  t.regex(missing.message, /^the file of things has a fault; nothing of it is used:\n {2}.*: there is no such file$/);
  writeFileSync(path, 'bad');
  await t.throwsAsync(file.start(), { message: 'it is bad' });
});
