import { berthCommandLine, boundToUs, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { type ChildProcess, spawn } from 'node:child_process';

/** A `berth` process and what it has written so far. */
export interface BerthProcess {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or 128 + the signal, when the process has ended. */
  readonly exited: Promise<number>;
  /** Waits until stderr has this. */
  readonly says: (pattern: RegExp) => Promise<void>;
}

/** What a `berth` process is given. */
export interface BerthSurroundings {
  readonly address: string;
  readonly user?: string;
  readonly stdin?: string;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the real command line; it is killed with the test. */
export function startBerth(
  t: ExecutionContext,
  { address, user = 'ann', stdin = '', env = {} }: BerthSurroundings,
  args: readonly string[],
) {
  const [program, ...first] = boundToUs(...berthCommandLine());
  const child = spawn(program, [...first, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', BERTH_ADDRESS: address, BERTH_USER: user, ...env },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const seen = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (data: Buffer) => (seen[name] += data.toString()));
  const exited = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 143));
    });
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  const started: BerthProcess = {
    child,
    exited,
    get stdout() {
      return seen.stdout;
    },
    get stderr() {
      return seen.stderr;
    },
    async says(pattern) {
      await until(() => pattern.test(seen.stderr), { what: `berth ${args.join(' ')} to say ${String(pattern)}` });
    },
  };
  return started;
}

/** Runs the real command line to its end. */
export async function berth(t: ExecutionContext, surroundings: BerthSurroundings, ...args: string[]) {
  const process = startBerth(t, surroundings, args);
  const code = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}
