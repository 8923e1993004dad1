import type { ChildProcess, StdioOptions } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onCores } from '../cores.js';

export interface ChildOptions {
  readonly cores: readonly number[];
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio?: StdioOptions;
}

/** Starts a program on some cores; it is killed when this process exits. taskset becomes the program, so the pid is its. */
export function startChild(command: readonly string[], options: ChildOptions): ChildProcess {
  const { program, args } = onCores(options.cores, command);
  const child = spawn(program, args, {
    stdio: options.stdio ?? ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...options.env },
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  return child;
}

/** Ends a program, by SIGKILL when it has not ended 8 s after SIGTERM. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
  child.kill('SIGTERM');
  child.kill('SIGCONT');
  await gone;
  clearTimeout(timer);
}

/** Processor time that a process has used, in seconds. */
export function processorSeconds(pid: number): number {
  // The second field is the program's name in parentheses, which may hold spaces.
  const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const TICKS_PER_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Moves a running process, with all its threads, to some cores; does nothing when there are none. */
export function pinProcess(pid: number, cores: readonly number[]): void {
  if (cores.length > 0) execFileSync('taskset', ['-a', '-p', '-c', cores.join(','), String(pid)], { stdio: 'ignore' });
}
