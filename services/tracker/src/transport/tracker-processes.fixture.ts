// Trackers as processes of their own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { z } from 'zod';
import type { trackerConfigSchema } from '../index.js';
import type { Engine } from './tracker-server.fixture.js';
import { mongoDatabase } from './tracker-server.fixture.js';

const SCRIPT = fileURLToPath(new URL('tracker-process.fixture.ts', import.meta.url));

/** Where trackers keep their documents: a folder, or a database of a MongoDB. */
export interface Place {
  readonly engine: Engine;
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
export function newPlace(t: ExecutionContext, engine: Engine): Place {
  if (engine === 'mongo') {
    const { url, database } = mongoDatabase(t);
    return { engine, where: url, database };
  }
  const where = newFolder(t);
  return { engine, where, database: 'tracker' };
}

/** A folder of a test's own, removed with it. */
export function newFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracker-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Starts a tracker with a failpoint armed; resolves when it serves. It is killed with the test. */
export async function startProcess(
  t: ExecutionContext,
  options: TrackerProcessOptions,
  failpoint = '',
): Promise<TrackerProcess> {
  const child = spawn(
    process.execPath,
    ['--import=tsx', '--conditions=@berth/source', SCRIPT, JSON.stringify(options)],
    { env: { ...process.env, BERTH_FAILPOINT: failpoint }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  t.teardown(kill);
  const port = await until(() => Number(/^(\d+)\n/m.exec(out)?.[1]), {
    what: 'the tracker to serve',
    timeoutMs: 60_000,
  });
  const berth = connect({ address: `127.0.0.1:${port}`, user: 'ann', role: 'operator', timeoutMs: 60_000 });
  t.teardown(() => {
    berth.close();
  });
  return {
    api: berth.allocations,
    visits: (name) => out.split('\n').filter((line) => line === `at ${name}`).length,
    signal: (name) => child.kill(name),
    kill,
    gone,
  };
}
