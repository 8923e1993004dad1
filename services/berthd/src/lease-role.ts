import { createLeaseService } from '@berth/lease';
import { failpoint } from '@berth/server';
import { readInventory } from './read-inventory.js';
import type { Role, Wiring } from './role.js';
import { clientOf, RoleHealth } from './role.js';

/** Whom the tracker sees: a request id belongs to its caller, so this never changes. */
const CALLER = { user: 'berth-lease', role: 'operator' };

/** Opens the lease service. Throws BerthError for a bad environment. */
export async function leaseRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server, stores } = wiring;
  const inventory = config.inventory === undefined ? undefined : await readInventory(config.inventory);
  const store = await stores.leases();
  const tracker = clientOf('tracker', wiring, CALLER);
  const health = new RoleHealth(server);
  const service = createLeaseService(config.lease, {
    store,
    clock,
    logger: log,
    failpoint,
    ...(wiring.metrics && { metrics: wiring.metrics }),
    storeWorks: health.part('store of leases'),
    ...(tracker !== undefined && {
      history: {
        tracker: tracker.connected,
        locks: await stores.locks(store.shared),
        works: health.aside('history of leases'),
      },
    }),
    ...(inventory !== undefined && { inventory }),
  });
  health.serve(service.definitions);
  return {
    service: {
      name: 'lease',
      start: () => service.start(),
      stop: async () => {
        await service.stop();
        await tracker?.close();
      },
    },
  };
}
