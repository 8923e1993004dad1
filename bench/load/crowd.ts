import type { GrpcStream } from './grpc-clients.js';
import { inParallel } from './in-parallel.js';
import { LeaseCalls } from './lease-calls.js';

export interface CrowdJob {
  readonly address: string;
  readonly kind: string;
  /** Benches of the kind that are held, so that the crowd waits. */
  readonly held: readonly string[];
  /** Requests whose stream stays open. */
  readonly streaming: number;
  /** Requests whose stream was closed: they keep their place for an hour. */
  readonly detached: number;
  readonly connections: number;
}

const GRACE_SECONDS = 3600;
const PRIORITY = 0;

/** Lets many requests wait, until this process ends. Resolves when all have their place. */
export async function joinCrowd(job: CrowdJob): Promise<void> {
  const calls = new LeaseCalls(job.address, job.connections);
  const { kind, held, detached, streaming } = job;
  await Promise.all(held.map((bench) => queued(calls.acquire({ bench }), false)));
  const grace = { kind, priority: PRIORITY, graceSeconds: GRACE_SECONDS };
  // First those without a stream: streams are told of every change behind which they wait.
  await inParallel(Array(detached).keys(), () => queued(calls.acquire(grace), true));
  await inParallel(Array(streaming).keys(), () => queued(calls.acquire({ kind, priority: PRIORITY }), false));
}

/** Resolves when the request has its place; then hangs up, or stays and reads on. */
function queued(stream: GrpcStream, hangUp: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let placed = false;
    stream.on('data', () => {
      if (placed) return;
      placed = true;
      if (hangUp) stream.cancel();
      else resolve();
    });
    stream.on('error', (error) => {
      if (placed) resolve();
      else reject(error);
    });
  });
}
