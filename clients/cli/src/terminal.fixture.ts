import { berthCommandLine, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';

/** A `berth` on a terminal of its own. */
export interface TerminalBerth {
  /** The process of `berth`. */
  readonly pid: number;
  /** What stands on the terminal so far. */
  readonly screen: string;
  /** Presses keys. */
  readonly type: (keys: string) => void;
  /** The exit code, or 128 + the signal. */
  readonly exited: () => Promise<number>;
  readonly shows: (pattern: RegExp) => Promise<void>;
}

/**
 * Is the person at a new terminal, on which a leader, as a login shell would, starts the arguments in the foreground. Tells
 * the number of their process and how it ended on stderr. The leader stays: at its end the system would hang up.
 */
const PERSON = `
import os, pty, select, signal, sys
told = os.dup(2)
leader, terminal = pty.fork()
if leader == 0:
    pid = os.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    os.write(told, b"%d\\n" % pid)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(told, b"%d\\n" % (code if code >= 0 else 128 - code))
    while True:
        signal.pause()
while True:
    for ready in select.select([0, terminal], [], [])[0]:
        text = os.read(ready, 65536)
        if not text:
            os._exit(0)
        os.write(terminal if ready == 0 else 1, text)
`;

/** Starts the real command line on a terminal; it is killed with the test. Needs python3. */
export async function startOnTerminal(
  t: ExecutionContext,
  address: string,
  args: readonly string[],
): Promise<TerminalBerth> {
  const person = spawn('python3', ['-c', PERSON, ...berthCommandLine(), ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm', BERTH_ADDRESS: address, BERTH_USER: 'ann' },
    stdio: 'pipe',
  });
  const seen = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    person[name].on('data', (data: Buffer) => (seen[name] += data.toString()));
  t.teardown(() => {
    person.kill('SIGKILL');
  });
  const told = async (index: number, what: string): Promise<number> =>
    Number(await until(() => [...seen.stderr.matchAll(/^(\d+)\n/gm)][index]?.[1], { what, timeoutMs: 30_000 }));
  const pid = await told(0, 'berth to start on a terminal');
  return {
    pid,
    exited: () => told(1, 'berth to end'),
    get screen() {
      return seen.stdout;
    },
    type(keys) {
      person.stdin.write(keys);
    },
    async shows(pattern) {
      await until(() => pattern.test(seen.stdout), { what: `the terminal to show ${String(pattern)}` });
    },
  };
}
