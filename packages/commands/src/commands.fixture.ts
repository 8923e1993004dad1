import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lives, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { ParentOptions } from './command-parent.fixture.js';
import { USUAL_VARIABLES } from './command-environment.js';
import type { CommandOptions, CommandResult } from './run-command.js';
import { runCommand } from './run-command.js';
import type { StoredProcess } from './stored-process.js';

const PARENT = fileURLToPath(new URL('command-parent.fixture.ts', import.meta.url));

/** Runs a command with a minute's time, unless the options say otherwise. */
export function run(command: CommandOptions['command'], options: Partial<CommandOptions> = {}): Promise<CommandResult> {
  return runCommand({
    command,
    variables: {},
    pass: USUAL_VARIABLES,
    timeoutMs: 60_000,
    outputBytes: 10_000,
    ...options,
  });
}

/** A file of a test's own, in which processes write their numbers; it is not there at first. */
export function newFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'pids');
}

/** Waits until so many processes have written their numbers into the file. */
export function pidsIn(file: string, count: number): Promise<readonly number[]> {
  return until(
    () => {
      const pids = [...readFileSync(file, 'utf8').matchAll(/^\d+$/gm)].map(Number);
      return pids.length < count ? undefined : pids;
    },
    { what: `${count} processes in ${file}` },
  );
}

export async function allEnd(pids: readonly number[]): Promise<void> {
  for (const pid of pids) await until(() => !lives(pid), { what: `process ${pid} to end`, timeoutMs: 30_000 });
}

/** The parent of a process: of a command that is its supervisor. */
export async function parentOf(pid: number): Promise<number> {
  return Number((await promisify(execFile)('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout);
}

/** A process that runs a command for us. It is killed with the test. */
export interface CommandParent {
  /** The gate, as the parent was told to store it. */
  readonly gate: StoredProcess;
  readonly signal: (name: NodeJS.Signals) => void;
}

export async function startParent(t: ExecutionContext, options: ParentOptions): Promise<CommandParent> {
  const args = ['--import=tsx', '--conditions=@berth/source', PARENT, JSON.stringify(options)];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { gate: JSON.parse(String(line)) as StoredProcess, signal: (name) => parent.kill(name) };
}
