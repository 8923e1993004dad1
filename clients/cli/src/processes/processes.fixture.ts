import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True while a process lives; a zombie that nobody has waited for does not. */
export async function lives(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  return status !== '' && !status.includes(') Z ');
}

/** The processes that a command tells of: it appends lines of numbers to `file`. All are killed with the test. */
export interface ToldProcesses {
  readonly file: string;
  /** Waits for so many. */
  readonly pids: (count: number) => Promise<number[]>;
  /** Waits until none of them lives. */
  readonly ended: () => Promise<void>;
}

/** A file in which a command tells of its processes. */
export async function toldProcesses(t: ExecutionContext): Promise<ToldProcesses> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-processes-'));
  const file = join(folder, 'pids');
  const read = async (): Promise<number[]> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return [...text.matchAll(/^(\d+)\n/gm)].map(([, pid]) => Number(pid));
  };
  t.teardown(async () => {
    for (const pid of await read()) if (await lives(pid)) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true });
  });
  return {
    file,
    pids: async (count) =>
      until(async () => ((await read()).length >= count ? read() : undefined), { what: `${String(count)} processes` }),
    async ended() {
      for (const pid of await read())
        await until(async () => !(await lives(pid)), { what: `process ${String(pid)} to end`, timeoutMs: 20_000 });
    },
  };
}
