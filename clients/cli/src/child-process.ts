import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter } from 'node:path';
import { startGuard } from './guard.js';
import { UsageError } from './usage-error.js';

/** A command that runs with a lease. */
export interface RunningCommand {
  /** The exit code for the wrapper: the command's own, or 128 + the signal that ended it. */
  readonly exited: Promise<number>;
  /** SIGTERM now, SIGKILL if it still runs after 10 s. */
  readonly end: () => void;
  /** Passes a signal on. */
  readonly send: (signal: NodeJS.Signals) => void;
}

const KILL_AFTER_MS = 10_000;

/**
 * Starts a command with this process's own input and outputs. On a terminal it stays in the wrapper's process group, so
 * that job control and Ctrl-C work as if the wrapper were not there; otherwise it leads a group of its own, which gets all
 * the signals. Throws `UsageError` when it cannot be started.
 */
export async function startCommand(
  [file, ...args]: readonly [string, ...string[]],
  variables: Readonly<Record<string, string>>,
): Promise<RunningCommand> {
  const grouped = !onTerminal();
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...variables }, detached: grouped });
  const exited = exitOf(child);
  await started(child, file);
  const pid = child.pid ?? 0;
  const guard = startGuard(grouped ? -pid : pid);
  let killing: NodeJS.Timeout | undefined;

  function send(signal: NodeJS.Signals): void {
    if (child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(grouped ? -pid : pid, signal);
    } catch {
      // It ended just now.
    }
  }
  return {
    exited: exited.finally(() => {
      clearTimeout(killing);
      guard.dismiss();
    }),
    end() {
      send('SIGTERM');
      killing ??= setTimeout(() => {
        send('SIGKILL');
      }, KILL_AFTER_MS);
    },
    send,
  };
}

/** Throws `UsageError` when there is no such command: better told before an hour in the queue than after it. */
export function assertRunnable(file: string): void {
  const folders = file.includes('/')
    ? ['']
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => `${folder}/`);
  if (!folders.some((folder) => isExecutable(`${folder}${file}`))) throw notRunnable(file, 'there is no such command');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notRunnable(file: string, why: string): UsageError {
  return new UsageError(`${file} cannot be run: ${why}`, 'check the command after --; nothing was run');
}

/** True when a person's terminal is there, whose Ctrl-C reaches the command without our help. */
export function onTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    // Not 'close': a grandchild that inherited our outputs must not keep the bench.
    child.once('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + system.signals[signal]);
    });
  });
}

function started(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', ({ message }) => {
      reject(notRunnable(file, message));
    });
  });
}
