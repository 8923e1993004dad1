import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProgram } from '@berth/testkit';
import { endChild, startChild } from '../servers/child-process.js';

/** The Go program of bench/go, as tools/test-servers builds it: both servers are driven by it. */
export const LOCKS_PROGRAM = 'berth-bench-locks';

export interface LockJob {
  readonly server: 'berth' | 'etcd';
  readonly address: string;
  readonly clients: number;
  /** All clients want the same name; else each locks a name of its own. */
  readonly oneName: boolean;
  readonly seconds: number;
}

export interface LockResult {
  readonly cycles: number;
  readonly seconds: number;
  /** From sending an unlock until the next client has the lock, in ms; of one name only. */
  readonly handOffs: readonly number[];
  /** What the program's own processor time was. */
  readonly loadSeconds: number;
}

/** Lets clients lock and unlock for some seconds, in a process on some cores; `begun` is called when all are connected. */
export async function runLocks(job: LockJob, cores: readonly number[], begun: () => void): Promise<LockResult> {
  const command = [
    findProgram(LOCKS_PROGRAM) ?? LOCKS_PROGRAM,
    ...['-server', job.server, '-address', job.address, '-clients', String(job.clients)],
    ...['-length', `${String(job.seconds)}s`, ...(job.oneName ? ['-one-name'] : [])],
  ];
  const child = startChild(command, { cores, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  try {
    if (child.stdout === null) throw new Error('the program has no output');
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== 'begin') return JSON.parse(line) as LockResult;
      begun();
    }
    throw new Error(`${LOCKS_PROGRAM} ended with ${String((await exit)[0])}`);
  } finally {
    await endChild(child);
  }
}
