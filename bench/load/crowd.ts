import type { GrpcStream } from './grpc-clients.js';
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

const AT_ONCE = 128;
const GRACE_SECONDS = 3600;
const PRIORITY = 0;

/** Lets many requests wait, until this process ends. Resolves when all have their place. */
export async function joinCrowd(job: CrowdJob): Promise<void> {
  const calls = new LeaseCalls(job.address, job.connections);
  const { kind, held, detached, streaming } = job;
  await Promise.all(held.map((bench) => queued(calls.acquire({ bench }), false)));
  const grace = { kind, priority: PRIORITY, graceSeconds: GRACE_SECONDS };
  // First those without a stream: streams are told of every change behind which they wait.
  await many(detached, () => queued(calls.acquire(grace), true));
  await many(streaming, () => queued(calls.acquire({ kind, priority: PRIORITY }), false));
}

async function many(count: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      while (left-- > 0) await one();
    }),
  );
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
