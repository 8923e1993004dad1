import { BerthError } from '@berth/kernel';
import type { LabClient } from '../ports/lab-client.js';

/** What stands for the lease service where none is known: benches cannot be booked then. */
export function noLabs(): LabClient {
  const refuse = (): Promise<never> => Promise.reject(unknown());
  return {
    look: refuse,
    // eslint-disable-next-line require-yield -- there is nothing to watch
    async *changes() {
      await refuse();
    },
    matching: refuse,
    put: refuse,
    free: refuse,
  };
}

function unknown(): BerthError {
  return new BerthError(
    'STORE_UNAVAILABLE',
    'this booking service knows no lease service, so it cannot book benches; give it `lease.address`.',
  );
}
