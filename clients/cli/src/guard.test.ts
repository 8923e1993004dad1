import test, { type ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startGuard } from './guard.js';

function start(t: ExecutionContext, script: string) {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** A process that guards a group and is killed, as a wrapper would be. */
async function guardAndDie(pid: number): Promise<void> {
  const guard = new URL('./guard.ts', import.meta.url).href;
  const source = `import { startGuard } from '${guard}'; startGuard(${String(pid)}); process.kill(process.pid, 'SIGKILL');`;
  const wrapper = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', source], { stdio: 'inherit' });
  await once(wrapper, 'exit');
}

test('the whole group of a command is told to stop when its wrapper was killed', async (t) => {
  const child = start(t, 'sleep 60 & echo up; wait');
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  await guardAndDie(-(child.pid ?? 0));
  // 'close' comes when nobody has its stdout any more: the command and what it started are gone.
  t.deepEqual(await closed, [null, 'SIGTERM']);
});

test('a command that ignores SIGTERM is killed after 10 s', async (t) => {
  const child = start(t, 'trap "" TERM; echo up; while :; do sleep 1; done');
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  await guardAndDie(-(child.pid ?? 0));
  t.deepEqual(await exited, [null, 'SIGKILL']);
});

test('a dismissed guard ends nothing', async (t) => {
  const child = start(t, 'echo up; sleep 60');
  await once(child.stdout, 'data');
  const guard = startGuard(-(child.pid ?? 0));
  guard.dismiss();
  await guard.gone;
  t.is(child.exitCode, null);
  t.is(child.signalCode, null);
});
