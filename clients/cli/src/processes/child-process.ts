import { accessSync, constants, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { startGuard } from './guard.js';
import { startReported } from './reporting-parent.js';
import { UsageError } from '../program/usage-error.js';

/** A command that runs with a lease. */
export interface RunningCommand {
  /**
   * The exit code for the wrapper: the command's own, 128 + n when signal n ended it; undefined when nobody saw how it ended.
   * After `end` it comes when all that the command started has ended too.
   */
  readonly exited: Promise<number | undefined>;
  /** Ends the command and all that it started: SIGTERM now, SIGKILL after 10 s while anything of it is left. */
  readonly end: () => void;
  /** Passes a signal on. */
  readonly send: (signal: NodeJS.Signals) => void;
}

/** What a command runs with. */
export interface Surroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The name of a variable of `env` whose value no other command has. */
  readonly mark: string;
  /** A file or folder that the guard removes when this process cannot. */
  readonly file?: string | undefined;
}

/**
 * Starts a command with this process's own input and outputs. On a terminal it stays in the wrapper's process group, so
 * that job control and Ctrl-C work as if the wrapper were not there; otherwise it has a group of its own, which gets all
 * the signals. Throws `UsageError` when it cannot be started.
 */
export async function startCommand(
  words: readonly [string, ...string[]],
  { env, mark, file }: Surroundings,
): Promise<RunningCommand> {
  const grouped = !onTerminal();
  const { pid, parentPid, go, exited } = await startReported(words, env, grouped);
  const guard = startGuard({
    root: parentPid,
    group: grouped ? parentPid : undefined,
    mark: `${mark}=${env[mark] ?? ''}`,
    file,
  });
  // Only now: a wrapper that was killed before its guard was there would leave the command running.
  go();
  let state: 'runs' | 'ending' | 'over' = 'runs';
  function end(): void {
    if (state !== 'runs') return;
    state = 'ending';
    guard.end();
  }
  return {
    exited: exited.then(async (code) => {
      // Its parent was killed, and it may go on: nobody would see how it ends.
      if (code === undefined) end();
      if (state === 'ending') await guard.gone;
      state = 'over';
      guard.dismiss();
      return code;
    }),
    end,
    send(signal) {
      if (state === 'over') return;
      try {
        process.kill(grouped ? -parentPid : pid, signal);
      } catch {
        // It ended just now.
      }
    },
  };
}

/** Throws `UsageError` when there is no such command: better told before an hour in the queue than after it. */
export function assertRunnable(file: string): void {
  const folders = file.includes('/')
    ? ['']
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => `${folder || '.'}/`);
  const paths = file === '' ? [] : folders.map((folder) => `${folder}${file}`);
  if (paths.some(isExecutable)) return;
  const why = paths.some(isFolder) && file.includes('/') ? 'it is a folder' : 'there is no such command';
  throw new UsageError(`'${file}' cannot be run: ${why}`, 'check the command after --; nothing was run');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** True when a person's terminal is there, whose Ctrl-C reaches the command without our help. */
export function onTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
