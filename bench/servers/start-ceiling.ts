import { AcquireResponse, WatchResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { LeaseCalls } from '../load/lease-calls.js';
import type { BenchContext } from '../suite.js';
import { kindName } from './inventory.js';
import type { ServerProcess } from './server-process.js';
import { startServer } from './server-process.js';

/** Starts the server that does nothing, on the core of `subject`, with answers that were taken from `subject`. */
export async function startCeiling(context: BenchContext, subject: ServerProcess): Promise<ServerProcess> {
  const samples = await takeSamples(subject.address);
  return startServer(() => [process.execPath, context.programs.ceiling], {
    cores: context.cores.server,
    env: (port) => ({ BENCH_PORT: String(port), ...samples }),
  });
}

/** What berthd answers a grant with, and what it tells watchers of a bench's condition. */
async function takeSamples(address: string): Promise<NodeJS.ProcessEnv> {
  const calls = new LeaseCalls(address, 1);
  try {
    const { revision } = await calls.listLeases();
    const lease = await calls.lease({ kind: kindName(0), ttlSeconds: 600 });
    await calls.release(lease.id);
    await calls.changeCondition(1);
    const change = await firstOf(calls, revision);
    return {
      BENCH_GRANTED: base64(AcquireResponse.encode({ event: { $case: 'granted', value: { lease } } }).finish()),
      BENCH_CHANGE: base64(WatchResponse.encode(change).finish()),
    };
  } finally {
    calls.close();
  }
}

function firstOf(calls: LeaseCalls, revision: number): Promise<WatchResponse> {
  return new Promise((resolve, reject) => {
    const stream = calls.watch(revision);
    stream.on('error', reject);
    stream.on('data', (bytes: Buffer) => {
      const message = WatchResponse.decode(bytes);
      if (!message.changes.some(({ kind }) => kind?.$case === 'benchPut')) return;
      stream.cancel();
      resolve(message);
    });
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
