import type { WorkerOptions } from '@berth/documents';
import { Worker } from '@berth/documents';
import type { BookingContext } from './booking-context.js';
import { keepLabs } from './labs/keep-labs.js';
import { LedgerKeeper } from './roots/ledger-keeper.js';

const AGAIN_MS = 1000;
const LOCK_TTL_MS = 30_000;

type WorkerDeps = Pick<WorkerOptions, 'clock' | 'locks' | 'went'>;

/** Keeps the documents and snapshots behind the ledgers, on one process of all that share the locks: the elected one. */
export function ledgerWorker(context: () => BookingContext, deps: WorkerDeps): Worker {
  const keeper = new LedgerKeeper(context);
  return workerOf(deps, {
    lock: 'booking-ledgers',
    work: (signal) => keeper.turn(signal),
    standBy: () => context().roots.refresh(),
  });
}

/** Keeps all labs and their ledgers equal, on the elected process. */
export function labWorker(context: () => BookingContext, deps: WorkerDeps): Worker {
  return workerOf(deps, { lock: 'booking-labs', work: (signal) => keepLabs(context(), signal) });
}

function workerOf(deps: WorkerDeps, work: Pick<WorkerOptions, 'lock' | 'work' | 'standBy'>): Worker {
  return new Worker({ ...deps, ...work, lockTtlMs: LOCK_TTL_MS, againMs: AGAIN_MS, retryMs: () => AGAIN_MS });
}
