import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram, until } from '@berth/testkit';

/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => unknown) => void;
}

/** A line of a lock's answer. */
export interface Line {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** A curl that runs. */
export interface Curl {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly out: () => string;
  /** The next line of an event that was not asked for yet. */
  next(event: string): Promise<Line>;
  /** Ends it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Its exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
}

/** Starts `curl -sN` with these arguments; it is killed when the test ends. */
export function startCurl(t: Ending, args: readonly string[]): Curl {
  const child = spawn(findProgram('curl') ?? 'curl', ['-sN', '--globoff', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  let taken = 0;
  child.stdout.on('data', (data: Buffer) => (out += String(data)));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
    });
  });
  t.teardown(() => child.kill('SIGKILL'));
  function lines(): Line[] {
    const whole = out.split('\n').slice(0, -1);
    return whole
      .filter((line) => /^(data: )?\{/.test(line))
      .map((line) => JSON.parse(line.replace(/^data: /, '')) as Line);
  }
  return {
    process: child,
    out: () => out,
    async next(event) {
      const find = (): Line | undefined => {
        const at = lines().findIndex((line, i) => i >= taken && line.event === event);
        if (at < 0) return undefined;
        taken = at + 1;
        return lines()[at];
      };
      try {
        return await until(find, { what: `the line '${event}'` });
      } catch (error) {
        throw new Error(`no line '${event}' after line ${String(taken)} of:\n${out}`, { cause: error });
      }
    },
    async kill() {
      const gone = once(child, 'exit');
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await gone;
    },
    ended,
  };
}

/** What a whole answer was. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The answer to a request by curl that ends by itself. */
export async function curl(t: Ending, args: readonly string[]): Promise<Answer> {
  const run = startCurl(t, ['-w', '\n%{http_code} %{content_type}', ...args]);
  await run.ended;
  const at = run.out().lastIndexOf('\n');
  const [status = '', ...type] = run
    .out()
    .slice(at + 1)
    .split(' ');
  return { status: Number(status), type: type.join(' '), body: run.out().slice(0, at) };
}
