import test, { type ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { until } from '@berth/testkit';
import { startGuard } from './guard.js';

function start(t: ExecutionContext, script: string) {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => {
    // The whole group, if any of it is left: what a shell started has the shell's stdout.
    try {
      process.kill(-(child.pid ?? NaN), 'SIGKILL');
    } catch {
      return;
    }
  });
  return child;
}

/** A process that guards a group and is killed, as a wrapper would be. */
async function guardAndDie(pid: number): Promise<void> {
  const guard = new URL('./guard.ts', import.meta.url).href;
  const source = `import { startGuard } from '${guard}'; startGuard(${JSON.stringify({ root: pid, group: pid })}); process.kill(process.pid, 'SIGKILL');`;
  const wrapper = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', source], { stdio: 'inherit' });
  await once(wrapper, 'exit');
}

/** The process that guards another one. */
async function guardOf(pid: number): Promise<number | undefined> {
  for (const name of await readdir('/proc')) {
    const words = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (words.includes(`\0berth-guard\0${String(pid)}\0`)) return Number(name);
  }
  return undefined;
}

test('the whole group of a command is told to stop when its wrapper was killed', async (t) => {
  const child = start(t, 'sleep 60 & echo up; wait');
  await once(child.stdout, 'data');
  const closed = once(child, 'close');
  await guardAndDie(child.pid ?? 0);
  // 'close' comes when nobody has its stdout any more: the command and what it started are gone.
  t.deepEqual(await closed, [null, 'SIGTERM']);
});

test('a command that ignores SIGTERM is killed after 10 s', async (t) => {
  const child = start(t, 'trap "" TERM; echo up; while :; do sleep 1; done');
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  await guardAndDie(child.pid ?? 0);
  t.deepEqual(await exited, [null, 'SIGKILL']);
});

test('a dismissed guard ends nothing', async (t) => {
  const child = start(t, 'echo up; sleep 60');
  await once(child.stdout, 'data');
  const guard = startGuard({ root: child.pid ?? 0, group: child.pid });
  guard.dismiss();
  await guard.gone;
  t.is(child.exitCode, null);
  t.is(child.signalCode, null);
});

test('a guard that is killed is replaced', async (t) => {
  const child = start(t, 'echo up; sleep 60');
  await once(child.stdout, 'data');
  const guard = startGuard({ root: child.pid ?? 0, group: child.pid });
  const first = await until(() => guardOf(child.pid ?? 0), { what: 'the guard' });
  process.kill(first, 'SIGKILL');
  const isOther = (pid: number | undefined): boolean => pid !== undefined && pid !== first;
  await until(async () => isOther(await guardOf(child.pid ?? 0)), { what: 'another guard' });
  const closed = once(child, 'close');
  guard.end();
  t.deepEqual(await closed, [null, 'SIGTERM']);
  await guard.gone;
});
