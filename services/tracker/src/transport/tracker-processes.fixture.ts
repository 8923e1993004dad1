// Trackers as processes of their own.
import { fileURLToPath } from 'node:url';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { closedAfter, mongoDatabase, sourceProcess, tempFolder, until } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { z } from 'zod';
import type { trackerConfigSchema } from '../index.js';

const SCRIPT = fileURLToPath(new URL('tracker-process.fixture.ts', import.meta.url));

/** Where trackers keep their documents: a folder, or a database of a MongoDB. */
export interface Place {
  readonly engine: DocumentEngine;
  readonly where: string;
  readonly database: string;
}

/** What the process is told, as JSON. */
export interface TrackerProcessOptions {
  readonly place: Place;
  readonly config?: z.input<typeof trackerConfigSchema>;
  /** Its wall clock is so much ahead of the machine's. */
  readonly aheadMs?: number;
  /** Absent: it has its locks for itself, and never loses them. */
  readonly locks?: { readonly redisUrl: string; readonly ttlMs: number };
}

export interface TrackerProcess {
  readonly api: Berth['allocations'];
  /** How often it has come to a failpoint. */
  visits(failpoint: string): number;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves when it is gone, by whatever way. */
  readonly gone: Promise<void>;
}

/** A place of a test's own, removed with it. */
export function newPlace(t: ExecutionContext, engine: DocumentEngine): Place {
  if (engine === 'mongo') {
    const { url, database } = mongoDatabase(t);
    return { engine, where: url, database };
  }
  return { engine, where: tempFolder(t), database: 'tracker' };
}

/** Starts a tracker with a failpoint armed; resolves when it serves. It is killed with the test. */
export async function startProcess(
  t: ExecutionContext,
  options: TrackerProcessOptions,
  failpoint = '',
): Promise<TrackerProcess> {
  const run = sourceProcess(t, SCRIPT, [JSON.stringify(options)], { BERTH_FAILPOINT: failpoint });
  const kill = async (): Promise<void> => {
    run.process.kill('SIGKILL');
    await run.ended;
  };
  t.teardown(kill);
  const serving = (): number => {
    if (run.process.exitCode !== null) throw new Error(`the tracker ended: ${run.err()}`);
    return Number(/^(\d+)\n/m.exec(run.out())?.[1]);
  };
  const port = await until(serving, { what: 'the tracker to serve', timeoutMs: 60_000 });
  const berth = closedAfter(
    t,
    connect({ address: `127.0.0.1:${port}`, user: 'ann', role: 'operator', timeoutMs: 150_000 }),
  );
  return {
    api: berth.allocations,
    visits: (name) =>
      run
        .out()
        .split('\n')
        .filter((line) => line === `at ${name}`).length,
    signal: (name) => run.process.kill(name),
    kill,
    gone: run.ended.then(() => undefined),
  };
}
