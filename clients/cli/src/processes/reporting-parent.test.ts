import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { toldProcesses } from './processes.fixture.js';

/** Starts the command, tells its number, and is killed before it lets the command begin. */
const WRAPPER = `
  import { writeSync } from 'node:fs';
  import { startReported } from ${JSON.stringify(new URL('reporting-parent.ts', import.meta.url))};
  const command = ['sh', '-c', 'echo begun >>"$0"', process.argv[1]];
  const { pid } = await startReported(command, process.env, true);
  writeSync(1, String(pid));
  process.kill(process.pid, 'SIGKILL');
`;

test('nothing of a command runs when its wrapper is killed before it is watched over', async (t) => {
  const { file } = await toldProcesses(t);
  const args = ['--import=tsx', '--conditions=@berth/source', '--input-type=module', '-e', WRAPPER, file];
  const wrapper = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  wrapper.stdout.on('data', (data: Buffer) => (told += data.toString()));
  // 'close' comes when nobody has its stdout any more: what was to become the command is gone.
  t.deepEqual(await once(wrapper, 'close'), [null, 'SIGKILL']);
  t.regex(told, /^\d+$/);
  t.is(await readFile(file, 'utf8').catch(() => ''), '');
});
