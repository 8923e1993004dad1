import { Worker } from '@berth/documents';
import type { Clock, Logger } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Locks } from '../ports/collections.js';
import { lastSweepMs } from './leaks.js';
import { Retention } from './retention.js';
import { sweep } from './sweep.js';
import type { TrackerMetrics } from './tracker-metrics.js';
import type { PartSays, TrackerContext } from './tracker-context.js';

/** After a failure it is tried again sooner. */
const RETRY_MS = 1000;

export interface SweeperDeps {
  readonly context: () => TrackerContext;
  /** Tidies the inventory up; it ends soon after the signal aborts. */
  readonly sweepInventory: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly logger: Logger;
  readonly sweepMs: number;
  readonly storeWorks: PartSays;
  readonly locksWork: PartSays;
  /** Told how many leaks there are; absent = nobody wants to know. */
  readonly metrics?: TrackerMetrics | undefined;
}

/**
 * Looks for leaks at an interval, and forgets what is old, also of the inventory, on one replica: the elected one. What is
 * away is told to its part, which logs an outage once; any other failure is logged here.
 */
export function createSweeper(deps: SweeperDeps): Worker {
  const { context, sweepInventory, clock, locks, logger, sweepMs, storeWorks, locksWork, metrics } = deps;
  const retention = new Retention();
  return new Worker({
    clock,
    locks,
    lock: 'tracker-sweep',
    lockTtlMs: 30_000,
    work: async (signal) => {
      const leaks = await sweep(context(), signal);
      if (leaks !== undefined) metrics?.swept(leaks);
      await retention.run(context(), signal);
      await sweepInventory(signal);
    },
    // Also without an election it looks whether the store answers: each has a say of its own.
    standBy: async () => {
      await lastSweepMs(context());
    },
    againMs: sweepMs,
    retryMs: () => Math.min(sweepMs, RETRY_MS),
    went: (step, error) => {
      const works = step === 'work' ? storeWorks : locksWork;
      if (error === undefined) works(true);
      else if (error instanceof BerthError && error.kind === 'unavailable') works(false, error);
      else
        logger.error(
          { err: error },
          'a sweep (leaks, then what is old enough to be forgotten) failed; it is tried again',
        );
    },
  });
}
