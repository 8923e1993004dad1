import { spawn } from 'node:child_process';

/** Ends a command whose wrapper died. */
export interface Guard {
  /** The command is done: nothing is to be ended any more. */
  readonly dismiss: () => void;
  /** Resolves when the guard itself has ended. */
  readonly gone: Promise<void>;
}

/**
 * What the guard runs: `read` gives a line when the wrapper dismisses it, and end-of-file when the wrapper is gone, however
 * it went. It looks every second whether the command still runs, so the id cannot be another process's by then.
 */
const SCRIPT = `
read -r line && exit 0
kill -s TERM -- "$1" 2>/dev/null || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do
  sleep 1
  kill -s 0 -- "$1" 2>/dev/null || exit 0
done
kill -s KILL -- "$1" 2>/dev/null`;

/**
 * Watches over a command (a negative id is a process group) from a process of its own: a wrapper that dies by SIGKILL can
 * do nothing more, the server frees the bench at once, and the command would go on using it. The guard ends the command
 * within milliseconds, which is not the same as before: only a token check at the bench itself closes that gap.
 */
export function startGuard(pid: number): Guard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'berth-guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a session of its own, neither Ctrl-C nor the end of the wrapper's group reaches it.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  });
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => {
      resolve();
    });
    // There is no /bin/sh: then nobody guards, and the wrapper's own ways to end the command still work.
    guard.once('error', () => {
      resolve();
    });
  });
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return {
    gone,
    dismiss() {
      guard.stdin.end('done\n');
    },
  };
}
