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

/** Runs a program in the repository's folder, with its development tools on the PATH, until it ends. */
export async function runProgram(program: string, args: readonly string[]): Promise<ProgramResult> {
  const tools = [join(ROOT, 'node_modules/.bin'), join(ROOT, '.cache/bin')].join(delimiter);
  const child = spawn(findProgram(program) ?? program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
