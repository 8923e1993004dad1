import type { Changes } from '@berth/documents';
import type { Clock, Failpoint } from '@berth/kernel';
import type { Resource } from '../../domain/resource.js';
import type { HeldLock, Locks, PoolCollections } from '../../ports/collections.js';
import type { LabClient } from '../../ports/lab-client.js';
import type { TrackerClient } from '../../ports/tracker-client.js';
import type { PoolsInForce } from '../pools-in-force.js';
import type { HookContext } from '../run-hook.js';
import type { SweepContext } from '../sweep-pool.js';

/** What the reconciler works with. */
export interface ReconcileContext extends HookContext {
  readonly collections: PoolCollections;
  readonly inForce: PoolsInForce;
  readonly lab: LabClient;
  /** Absent where nobody keeps records. */
  readonly tracker?: TrackerClient | undefined;
  readonly sweep: SweepContext;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
  readonly locks: Locks;
  /** Told of each change of a resource by this process. */
  readonly changes: Changes<Resource>;
  /** For how long ended resources and logs are kept. */
  readonly keepMs: number;
  /** For how long repeats of a request id are answered. */
  readonly requestIdTtlMs: number;
  /** Takes the file of pools, and follows it, until the signal aborts; absent = there is no file. */
  readonly followFile?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** The time of office of the process that reconciles. */
export interface Office {
  readonly context: ReconcileContext;
  /** Aborts at its end. */
  readonly signal: AbortSignal;
  readonly lock: Pick<HeldLock, 'isHeld'>;
  /** Has it planned again. */
  readonly wake: () => void;
}
