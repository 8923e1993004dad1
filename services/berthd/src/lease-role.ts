import { createLeaseService } from '@berth/lease';
import { failpoint } from '@berth/server';
import { openLocks, openStore } from './open-store.js';
import { readInventory } from './read-inventory.js';
import type { Role, Wiring } from './role.js';
import { addressOf, opened, RoleHealth } from './role.js';

/** Opens the lease service. Throws BerthError for a bad environment; nothing stays open then. */
export async function leaseRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server } = wiring;
  const inventory = config.inventory === undefined ? undefined : await readInventory(config.inventory);
  const store = await openStore(config, clock, log);
  const trackerAddress = addressOf('tracker', wiring);
  const health = new RoleHealth(server);
  try {
    const locks = await openLocks(config, store.shared, clock, log);
    const service = createLeaseService(config.lease, {
      store,
      clock,
      logger: log,
      failpoint,
      storeWorks: health.part('store of leases'),
      ...(trackerAddress !== undefined && {
        history: { trackerAddress, locks, works: health.aside('history of leases') },
      }),
      ...(inventory !== undefined && { inventory }),
    });
    health.serve(service.definitions);
    return {
      stores: [opened('leases', store), opened('lease locks', locks)],
      service: { name: 'lease', start: () => service.start(), stop: () => service.stop() },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
