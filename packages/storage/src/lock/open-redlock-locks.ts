import type { Locks } from './lock.js';
import type { RedlockOptions } from './redlock-locks.js';

/**
 * Locks on one or an odd number of Redis servers; see redlock-locks.ts. The driver is loaded here, so that who runs on
 * SQLite does not pay for it.
 */
export async function openRedlockLocks(options: RedlockOptions): Promise<Locks> {
  const redlock = await import('./redlock-locks.js');
  return redlock.redlockLocks(options);
}
