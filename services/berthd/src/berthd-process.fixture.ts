// Runs berthd from source as a process of its own.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boundToUs, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface BerthdProcess {
  readonly process: ChildProcess;
  /** What it wrote to stdout, and to stderr, so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Its exit code, or undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>;
}

/** Starts berthd with these arguments; killed when the test ends. */
export function berthd(t: ExecutionContext, args: readonly string[], env: NodeJS.ProcessEnv = {}): BerthdProcess {
  const node = ['--import=tsx', '--conditions=@berth/source', MAIN, ...args];
  const [program, ...first] = boundToUs(process.execPath, ...node);
  const child = spawn(program, first, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (err += String(chunk)));
  const ended = new Promise<number | undefined>((resolve) => {
    child.on('close', (code) => {
      resolve(code ?? undefined);
    });
  });
  t.teardown(() => child.kill('SIGKILL'));
  return { process: child, out: () => out, err: () => err, ended };
}

/** A folder for data that goes when the test ends. */
export function dataDir(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'berthd-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The port on which it serves, once it does. */
export async function servingPort(running: BerthdProcess): Promise<number> {
  const read = (): number => Number(/"listen":"127\.0\.0\.1:(\d+)".*"serving"/.exec(running.err())?.[1]);
  return until(
    () => {
      if (running.process.exitCode !== null) throw new Error(`berthd ended: ${running.err()}`);
      return read();
    },
    { what: 'berthd to serve', timeoutMs: 60_000 },
  );
}
