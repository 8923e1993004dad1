import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { findProgram } from '@berth/testkit';

const ROOT = join(import.meta.dirname, '../..');

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface RunningProgram {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly code: Promise<number | null>;
}

/** Starts a program in the repository's folder, with its development tools on the PATH; its input is a pipe. */
export function startProgram(program: string, args: readonly string[]): RunningProgram {
  const tools = [join(ROOT, 'node_modules/.bin'), join(ROOT, '.cache/bin')].join(delimiter);
  const child = spawn(findProgram(program) ?? program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  // One that has ended takes no more input.
  child.stdin.on('error', () => undefined);
  const code = once(child, 'close').then(([value]) => value as number | null);
  return { child, stdout: () => stdout, stderr: () => stderr, code };
}

/** Runs a program in the same way until it ends; it has no input. */
export async function runProgram(program: string, args: readonly string[]): Promise<ProgramResult> {
  const running = startProgram(program, args);
  running.child.stdin?.end();
  const code = await running.code;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}
