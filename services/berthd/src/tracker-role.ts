import { failpoint } from '@berth/server';
import { bookingParents, createTrackerService, leaseParents, parentsByKind, ticketParents } from '@berth/tracker';
import type { Role, Wiring } from './role.js';
import { clientOf, RoleHealth } from './role.js';

const CALLER = { user: 'berth-tracker', role: 'viewer' };
/** Sees the tickets of everybody. */
const OPERATOR = { ...CALLER, role: 'operator' };

/** Opens the tracker. Throws BerthError for a bad environment. */
export async function trackerRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server, stores } = wiring;
  const documents = await stores.documents();
  const shared = documents.engine === 'mongo';
  if (!shared && config.store === 'redis') {
    log.warn(
      'leases are in Redis, but documents in the SQLite of this process: run one tracker only, or set mongo.url',
    );
  }
  const leases = clientOf('lease', wiring, CALLER);
  const lease =
    leases &&
    leaseParents(leases.connected, (lab, error) => {
      log.warn(
        { lab, err: error },
        'the lease service tells nothing of this lab; whose lease there is gone stays as it was',
      );
    });
  const pools = clientOf('pool', wiring, OPERATOR);
  const ticket = pools && ticketParents(pools.connected);
  const bookings = clientOf('booking', wiring, CALLER);
  const booking = bookings && bookingParents(bookings.connected);
  const health = new RoleHealth(server);
  const service = createTrackerService(config.tracker, {
    store: documents,
    locks: await stores.locks(shared),
    clock,
    logger: log,
    failpoint,
    ...(wiring.metrics && { metrics: wiring.metrics }),
    storeWorks: health.part('documents of the tracker'),
    locksWork: health.part('locks of the tracker'),
    parents: parentsByKind({ lease, ticket, booking }, log),
  });
  health.serve(service.definitions);
  return {
    service: {
      name: 'tracker',
      start: () => service.start(),
      stop: async () => {
        await service.stop();
        await leases?.close();
        await pools?.close();
        await bookings?.close();
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
}
