import { pause } from '@berth/kernel';
import type { PoolOptions } from '../domain/options/options.js';
import type { HeldLock } from '../ports/collections.js';
import type { PoolsInForce } from './pools-in-force.js';
import type { SweepContext } from './sweep-pool.js';
import { sweepPool } from './sweep-pool.js';

/** How often it is looked whose list is due. */
const LOOK_MS = 1000;

/**
 * Sweeps each pool that can list what it has, as often as its options say, until the signal aborts; for the process that
 * reconciles. A list that hangs delays the next list of its own pool alone.
 */
export async function sweepPools(
  context: SweepContext,
  inForce: PoolsInForce,
  signal: AbortSignal,
  lock: Pick<HeldLock, 'isHeld'>,
): Promise<void> {
  const { clock, logger } = context;
  const running = new Map<string, Promise<void>>();
  const nextMs = new Map<string, number>();
  const sweep = async (pool: PoolOptions): Promise<void> => {
    const { name } = pool;
    try {
      const found = await sweepPool(context, pool, { validateOnly: false, signal, mayDelete: () => lock.isHeld() });
      const strangers = found.strangers.length;
      if (strangers > 0)
        logger.info({ pool: name, listed: found.listed, strangers }, 'the list of a pool has strangers');
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, pool: name }, 'the list of a pool cannot be used');
    }
    running.delete(name);
    nextMs.set(name, clock.monotonic() + pool.sweep.periodMs);
  };
  while (!signal.aborted) {
    for (const { options } of inForce.all) {
      const { name, commands } = options;
      const isDue = (nextMs.get(name) ?? 0) <= clock.monotonic();
      if (commands.list !== undefined && isDue && !running.has(name)) running.set(name, sweep(options));
    }
    await pause(clock, LOOK_MS, signal);
  }
  await Promise.all(running.values());
}
