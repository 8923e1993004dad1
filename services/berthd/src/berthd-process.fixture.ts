// Runs berthd from source as a process of its own.
import { fileURLToPath } from 'node:url';
import type { SourceProcess } from '@berth/testkit';
import { sourceProcess, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Starts berthd with these arguments; killed when the test ends. */
export function berthd(t: ExecutionContext, args: readonly string[], env: NodeJS.ProcessEnv = {}): SourceProcess {
  return sourceProcess(t, MAIN, args, env);
}

/** The port on which it serves, once it does. */
export async function servingPort(running: SourceProcess): Promise<number> {
  const read = (): number => Number(/"listen":"127\.0\.0\.1:(\d+)".*"serving"/.exec(running.err())?.[1]);
  return until(
    () => {
      if (running.process.exitCode !== null) throw new Error(`berthd ended: ${running.err()}`);
      return read();
    },
    { what: 'berthd to serve', timeoutMs: 60_000 },
  );
}
