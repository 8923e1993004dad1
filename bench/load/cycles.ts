import type { LeaseCalls } from './lease-calls.js';
import { grantIn, isGrant } from './lease-calls.js';

/** How a cycle holds its bench; `echo` = it holds none. */
export type CycleKind = 'connection' | 'ttl' | 'echo';

/** What became of one cycle. */
export interface Cycle {
  /** CONNECTION: from opening the stream to Granted. TTL: from Acquire to the answer of Release. Echo: the call. */
  readonly ms: number;
  /** It was told to wait first. */
  readonly waited: boolean;
}

const TTL_SECONDS = 600;

/** Takes a bench of a kind and gives it back. */
export function cycle(calls: LeaseCalls, how: CycleKind, kind: string): Promise<Cycle> {
  if (how === 'echo') return echo(calls);
  return how === 'connection' ? connectionCycle(calls, kind) : ttlCycle(calls, kind);
}

/** A unary call that does nothing, at the server that does nothing. */
async function echo(calls: LeaseCalls): Promise<Cycle> {
  const started = performance.now();
  await calls.release('echo');
  return { ms: performance.now() - started, waited: false };
}

/** Opens a stream, hangs up when the lease is granted, and is over when the stream has ended here. */
function connectionCycle(calls: LeaseCalls, kind: string): Promise<Cycle> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const stream = calls.acquire({ kind });
    let waited = false;
    let done: Cycle | undefined;
    stream.on('data', (bytes: Buffer) => {
      if (!isGrant(bytes)) {
        waited = true;
        return;
      }
      done ??= { ms: performance.now() - started, waited };
      stream.cancel();
    });
    stream.on('error', (error) => {
      if (done === undefined) reject(error);
      else resolve(done);
    });
  });
}

function ttlCycle(calls: LeaseCalls, kind: string): Promise<Cycle> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const stream = calls.acquire({ kind, ttlSeconds: TTL_SECONDS });
    let waited = false;
    let leaseId: string | undefined;
    stream.on('data', (bytes: Buffer) => {
      leaseId = grantIn(bytes)?.id;
      waited ||= leaseId === undefined;
    });
    stream.on('error', reject);
    stream.on('end', () => {
      if (leaseId === undefined) {
        reject(new Error('the stream ended without a grant'));
        return;
      }
      calls.release(leaseId).then(() => {
        resolve({ ms: performance.now() - started, waited });
      }, reject);
    });
  });
}
