import { type ChildProcess, spawn } from 'node:child_process';
import { GUARD_SCRIPT } from './guard-script.js';

/** The processes that a command is and starts. */
export interface Tree {
  /** Its first process. */
  readonly root: number;
  /** The process group of its own; absent when it shares one with others. */
  readonly group?: number | undefined;
  /** `NAME=value` that stands in the environment of its processes only: finds those whose parents are gone (Linux). */
  readonly mark?: string | undefined;
  /** A file or folder to remove when the wrapper cannot. */
  readonly file?: string | undefined;
}

/** Ends a command's tree: when it is told to, or when the process that started the guard is gone. */
export interface Guard {
  /** The command is done: nothing is to be ended any more. */
  readonly dismiss: () => void;
  /** SIGTERM to the whole tree now, and SIGKILL after 10 s while anything of it is left. */
  readonly end: () => void;
  /** Resolves when the guard has ended; after `end` nothing of the tree is left then. */
  readonly gone: Promise<void>;
}

/**
 * Watches over a command from a process of its own: a wrapper that dies by SIGKILL can do nothing more, the server frees the
 * bench at once, and the command would go on using it. The guard ends the command within milliseconds, which is not the same
 * as before: only a token check at the bench itself closes that gap. A guard that is killed is replaced.
 */
export function startGuard({ root, group, mark = '', file = '' }: Tree): Guard {
  const words = ['-c', GUARD_SCRIPT, 'berth-guard', String(root), String(group ?? 'none'), mark, file];
  let order = '';
  let guard: ChildProcess | undefined;
  const gone = new Promise<void>((resolve) => {
    function launch(): void {
      guard = spawn('/bin/sh', words, {
        stdio: ['pipe', 'ignore', 'ignore'],
        // In a session of its own, neither Ctrl-C nor the end of the wrapper's group reaches it.
        detached: true,
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      });
      guard.once('exit', (_code, signal) => {
        if (signal === null || order === 'done') resolve();
        else launch();
      });
      guard.once('error', () => {
        resolve();
      });
      guard.stdin?.on('error', () => undefined);
      if (order !== '') guard.stdin?.end(`${order}\n`);
      else guard.unref();
    }
    launch();
  });
  function say(what: 'done' | 'end'): void {
    if (order !== '') return;
    order = what;
    guard?.stdin?.end(`${what}\n`);
    if (what === 'end') guard?.ref();
  }
  return {
    gone,
    dismiss() {
      say('done');
    },
    end() {
      say('end');
    },
  };
}
