import type { LoadProcess } from '../load/load-process.js';
import type { CyclesJob, CyclesResult } from '../load/run-cycles.js';
import type { ServerProcess } from '../servers/server-process.js';

/** Measures ceiling and subject in turns, beginning with the other one each time; a dot a turn, on stderr. */
export async function inTurns<T>(
  repeats: number,
  ceiling: () => Promise<T>,
  subject: () => Promise<T>,
): Promise<readonly { readonly ceiling: T; readonly subject: T }[]> {
  const pairs: { ceiling: T; subject: T }[] = [];
  for (let i = 0; i < repeats; i++) {
    if (i % 2 === 0) {
      const first = await ceiling();
      pairs.push({ ceiling: first, subject: await subject() });
    } else {
      const first = await subject();
      pairs.push({ ceiling: await ceiling(), subject: first });
    }
    process.stderr.write('.');
  }
  return pairs;
}

/** What all load processes did together. */
export interface Throughput {
  readonly perSecond: number;
  readonly latencies: readonly number[];
  readonly waited: number;
  /** Share of the time that the server's process computed; below 1 it waited for the disk, or for the load. */
  readonly busy: number;
  /** What a cycle cost the server's processor: less noisy than its speed when others use the machine. */
  readonly microsPerCycle: number;
}

/** Runs one cycles job split over all load processes. */
export async function runOnAll(
  load: readonly LoadProcess[],
  server: ServerProcess,
  job: Omit<CyclesJob, 'address'>,
): Promise<Throughput> {
  const share = 1 / load.length;
  const part: CyclesJob = {
    ...job,
    address: server.address,
    ...(job.concurrency !== undefined && { concurrency: Math.ceil(job.concurrency * share) }),
    ...(job.perSecond !== undefined && { perSecond: job.perSecond * share }),
  };
  const before = server.processorSeconds();
  const started = performance.now();
  const results: readonly CyclesResult[] = await Promise.all(load.map((process) => process.run('cycles', part)));
  const seconds = (performance.now() - started) / 1000;
  const used = server.processorSeconds() - before;
  return {
    perSecond: sum(results.map((result) => result.perSecond)),
    latencies: results.flatMap((result) => result.latencies),
    waited: sum(results.map((result) => result.waited)),
    busy: used / seconds,
    microsPerCycle: (1e6 * used) / sum(results.map((result) => result.cycles)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
