import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
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
 * the signals. Rejects with exit code 127 or 126 in mind when it cannot be started.
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

/** True when a person's terminal is there, whose Ctrl-C reaches the command without our help. */
export function onTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    // Not 'close': a grandchild that inherited our outputs must not keep the bench.
    child.once('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

function started(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such command' : error.message;
      reject(new UsageError(`${file} cannot be run: ${why}`, 'check the command after --; nothing was run'));
    });
  });
}
