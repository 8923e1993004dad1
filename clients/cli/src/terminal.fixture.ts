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
  readonly exited: Promise<number>;
  readonly shows: (pattern: RegExp) => Promise<void>;
}

/** Starts its arguments as a session on a new terminal, tells the number of the process, and is that terminal's person. */
const PERSON = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
os.write(2, b"%d\\n" % pid)
while True:
    ready = select.select([0, terminal], [], [])[0]
    try:
        if 0 in ready:
            keys = os.read(0, 1024)
            if not keys:
                break
            os.write(terminal, keys)
        if terminal in ready:
            text = os.read(terminal, 65536)
            if not text:
                break
            os.write(1, text)
    except OSError:
        break
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
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
  const exited = new Promise<number>((resolve) => {
    person.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
  t.teardown(() => {
    person.kill('SIGKILL');
  });
  const pid = Number(await until(() => /^\d+\n/.exec(seen.stderr)?.[0], { what: 'berth to start on a terminal' }));
  return {
    pid,
    exited,
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
