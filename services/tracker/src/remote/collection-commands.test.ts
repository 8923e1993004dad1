import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@berth/testkit';
import test from 'ava';
import { collectionCommands } from './collection-commands.js';

const runner = collectionCommands([]);
const LONG_MS = 60_000;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a command gets its environment, as a text for the shell or as arguments', async (t) => {
  t.deepEqual(await runner.run('echo "got $NAME"', { NAME: 'x' }, LONG_MS), { ok: true, message: 'got x' });
  t.deepEqual(await runner.run(['printf', '%s', 'a b'], {}, LONG_MS), { ok: true, message: 'a b' });
});

test('a failure says how it ended and what was written last', async (t) => {
  const failed = await runner.run('echo why >&2; exit 4', {}, LONG_MS);
  t.deepEqual(failed, { ok: false, message: 'ended with code 4: why' });
  const missing = await runner.run(['/no/such/program'], {}, LONG_MS);
  t.false(missing.ok);
  t.regex(missing.message, /could not be started.*ENOENT/);
});

test('what runs too long is stopped with all that it started', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'runner-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'pid');
  // The grandchild keeps the pipes open and ignores SIGTERM.
  const command = `sh -c 'trap "" TERM; echo $$ > ${file}; while :; do sleep 1; done' & while ! test -s ${file}; do :; done; wait`;
  const { ok, message } = await runner.run(command, {}, 2000);
  t.false(ok);
  t.regex(message, /more than 2000 ms/);
  const pid = Number(readFileSync(file, 'utf8'));
  t.true(pid > 0);
  await until(() => !lives(pid), { what: 'the grandchild to end' });
});
