import { createBookingService } from '@berth/booking';
import { failpoint } from '@berth/server';
import type { Role, Wiring } from './role.js';
import { clientOf, RoleHealth } from './role.js';

/** Whom the lease service sees: only operators put and delete reservations. */
const CALLER = { user: 'berth-booking', role: 'operator' };

/** Opens the booking service. Throws BerthError for a bad environment. */
export async function bookingRole(wiring: Wiring): Promise<Role> {
  const { config, log, clock, server, stores } = wiring;
  const lease = clientOf('lease', wiring, CALLER);
  const documents = await stores.documents();
  const shared = documents.engine === 'mongo';
  const health = new RoleHealth(server);
  const service = createBookingService(config.booking, {
    store: documents,
    locks: await stores.locks(shared),
    clock,
    logger: log,
    failpoint,
    ...(wiring.metrics && { metrics: wiring.metrics }),
    lease: lease?.connected,
    storeWorks: health.part('documents of bookings'),
    locksWork: health.part('locks of bookings'),
  });
  health.serve(service.definitions);
  return {
    service: {
      name: 'booking',
      start: () => service.start(),
      stop: async () => {
        await service.stop();
        await lease?.close();
      },
    },
    work: {
      name: 'bookings',
      start: () => {
        service.startWorking();
        return Promise.resolve();
      },
      stop: () => service.stopWorking(),
    },
  };
}
