import { failpoint } from '@berth/server';
import { createTrackerService, leaseParents } from '@berth/tracker';
import { openDocuments, openLocks } from './open-store.js';
import type { Role, Wiring } from './role.js';
import { addressOf, opened, RoleHealth } from './role.js';

/** Opens the tracker. Throws BerthError for a bad environment; nothing stays open then. */
export async function trackerRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server } = wiring;
  const documents = await openDocuments(config, clock, log);
  const shared = documents.engine === 'mongo';
  if (!shared && config.store === 'redis') {
    log.warn(
      'leases are in Redis, but documents in the SQLite of this process: run one tracker only, or set mongo.url',
    );
  }
  const leaseAddress = addressOf('lease', wiring);
  const parents =
    leaseAddress &&
    leaseParents(leaseAddress, (lab, error) => {
      log.warn(
        { lab, err: error },
        'the lease service tells nothing of this lab; whose lease there is gone stays as it was',
      );
    });
  const health = new RoleHealth(server);
  try {
    const locks = await openLocks(config, shared, clock, log);
    const service = createTrackerService(config.tracker, {
      store: documents,
      locks,
      clock,
      logger: log,
      failpoint,
      storeWorks: health.part('documents of the tracker'),
      locksWork: health.part('locks of the tracker'),
      ...(parents && { parents }),
    });
    health.serve(service.definitions);
    return {
      stores: [opened('documents', documents), opened('tracker locks', locks)],
      service: {
        name: 'tracker',
        start: () => service.start(),
        stop: async () => {
          await service.stop();
          await parents?.close();
        },
      },
      work: {
        name: 'tracker sweeps',
        start: () => {
          service.startSweeping();
          return Promise.resolve();
        },
        stop: () => service.stopSweeping(),
      },
    };
  } catch (error) {
    await documents.close();
    throw error;
  }
}
