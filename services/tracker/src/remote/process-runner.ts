import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { CommandLine, CommandResult, CommandRunner } from '../ports/command-runner.js';

/** How long a command has between SIGTERM and SIGKILL. */
const GRACE_MS = 5000;
/** How long its last output has to arrive once it has ended. */
const DRAIN_MS = 500;
/** What is kept of a command's output: its end. */
const TAIL_CHARS = 1000;

/** Runs commands as processes, each in a group of its own, so that nothing it started is left behind. */
export function processRunner(): CommandRunner {
  return { run: runCommand };
}

async function runCommand(
  command: CommandLine,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<CommandResult> {
  if (signal?.aborted === true) return { ok: false, message: `was not started (${reasonOf(signal)})` };
  const [program = '', ...args] = typeof command === 'string' ? ['sh', '-c', command] : command;
  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = tailOf(child);
  const stop = stopper(child, timeoutMs, signal);
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  // Its grandchildren may keep the pipes open: 'exit' tells that it has ended, 'close' may never come.
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, by) => {
      resolve(code === 0 ? undefined : by === null ? `ended with code ${String(code)}` : `was ended by ${by}`);
    });
  });
  const why = stop.end();
  // What was written last is still in the pipes; whoever left its group and holds them open is not waited for.
  await within(DRAIN_MS, closed);
  child.stdout.destroy();
  child.stderr.destroy();
  if (ended === undefined) return { ok: true, message: tail() };
  const message = [why === undefined ? ended : `${ended} (${why})`, tail()].filter((text) => text !== '').join(': ');
  return { ok: false, message };
}

/** The end of what a process writes. */
function tailOf({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + String(chunk)).slice(-TAIL_CHARS);
    });
  }
  return () => text.trim();
}

/** Stops a process group after a time or on a signal: SIGTERM, then SIGKILL. `end` says why it was stopped, if it was. */
function stopper(child: ChildProcess, timeoutMs: number, signal?: AbortSignal): { end: () => string | undefined } {
  let why: string | undefined;
  let killing: NodeJS.Timeout | undefined;
  const stop = (because: string): void => {
    if (why !== undefined) return;
    why = because;
    killGroup(child, 'SIGTERM');
    killing = setTimeout(() => {
      killGroup(child, 'SIGKILL');
    }, GRACE_MS);
  };
  const timer = setTimeout(() => {
    stop(`it ran for more than ${timeoutMs} ms`);
  }, timeoutMs);
  const aborted = (): void => {
    if (signal !== undefined) stop(reasonOf(signal));
  };
  signal?.addEventListener('abort', aborted, { once: true });
  return {
    end: () => {
      clearTimeout(timer);
      clearTimeout(killing);
      signal?.removeEventListener('abort', aborted);
      // What it left running in its group goes with it.
      killGroup(child, 'SIGKILL');
      return why;
    },
  };
}

/** Why a signal was aborted, for people. */
function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Resolves with the promise, or after a time. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
