import { createPoolService } from '@berth/pool';
import { failpoint } from '@berth/server';
import { BerthError } from '@berth/kernel';
import type { Role, Wiring } from './role.js';
import { clientOf, RoleHealth } from './role.js';

/** Whom the lease service and the tracker see: a request id belongs to its caller, so this never changes. */
const CALLER = { user: 'berth-pool', role: 'operator' };

/** Opens the pool service. Throws BerthError for a bad environment. */
export async function poolRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server, stores } = wiring;
  const lease = clientOf('lease', wiring, CALLER);
  if (lease === undefined) {
    throw new BerthError(
      'INVALID_CONFIG',
      'lease.address: is missing; a pool role lends what it makes through the lease service, so run the role lease too, or say where it is',
      { fields: [{ field: 'lease.address', description: 'is missing' }] },
    );
  }
  const documents = await stores.documents();
  const shared = documents.engine === 'mongo';
  const tracker = clientOf('tracker', wiring, CALLER);
  const health = new RoleHealth(server);
  const service = createPoolService(config.pool, {
    store: documents,
    locks: await stores.locks(shared),
    clock,
    logger: log,
    failpoint,
    ...(wiring.metrics && { metrics: wiring.metrics }),
    lease: lease.connected,
    tracker: tracker?.connected,
    storeWorks: health.part('documents of pools'),
    locksWork: health.part('locks of pools'),
  });
  health.serve(service.definitions);
  return {
    service: {
      name: 'pool',
      start: () => service.start(),
      stop: async () => {
        await service.stop();
        await lease.close();
        await tracker?.close();
      },
    },
    work: {
      name: 'pools',
      start: () => {
        service.startWorking();
        return Promise.resolve();
      },
      stop: () => service.stopWorking(),
    },
  };
}
