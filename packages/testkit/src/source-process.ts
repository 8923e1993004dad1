import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { boundToUs } from './die-with-us.js';

/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => unknown) => void;
}

export interface SourceProcess {
  readonly process: ChildProcess;
  /** What it wrote to stdout, and to stderr, so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs a TypeScript file as a process of its own, with these variables besides our own; killed when the test ends. */
export function sourceProcess(
  t: Ending,
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): SourceProcess {
  const node = ['--import=tsx', '--conditions=@berth/source', script, ...args];
  const [program, ...first] = boundToUs(process.execPath, ...node);
  const child = spawn(program, first, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (err += String(chunk)));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? 0);
    });
  });
  t.teardown(() => child.kill('SIGKILL'));
  return { process: child, out: () => out, err: () => err, ended };
}
