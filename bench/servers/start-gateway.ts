import type { BenchContext } from '../suite.js';
import type { ServerProcess } from './server-process.js';
import { startBerthd } from './start-berthd.js';

/** Starts a gateway to a lease role, on any core: it is one more process on a machine that has no core for it alone. */
export function startGateway(context: BenchContext, lease: ServerProcess): Promise<ServerProcess> {
  const settings = { BERTH_LEASE_ADDRESS: lease.address, BERTH_HTTP_LISTEN: 'none' };
  return startBerthd(context, { roles: ['gateway'], cores: [], settings });
}
