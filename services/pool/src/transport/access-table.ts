import { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import type { AccessTable, MethodAccess } from '@berth/server';
import { accessOf } from '@berth/server';

/** Who may call the methods of PoolService. Whose ticket it is, the use cases look at. */
export const POOL_ACCESS: AccessTable<typeof PoolServiceDefinition> = {
  listPools: 'viewer',
  getPool: 'viewer',
  applyPools: 'operator',
  exportPools: 'operator',
  setPoolState: 'operator',
  listResources: 'viewer',
  getResource: 'viewer',
  deleteResources: 'operator',
  streamLog: 'operator',
  listLeaks: 'viewer',
  retryDelete: 'operator',
  forgetResource: 'operator',
  sweep: 'operator',
  createTicket: 'user',
  getTicket: 'user',
  waitTicket: 'user',
  closeTicket: 'user',
  listTickets: 'viewer',
  watch: 'viewer',
};

/** Every method of the pool service, and who may call it. */
export const poolAccess: readonly MethodAccess[] = accessOf([
  { definition: PoolServiceDefinition, access: POOL_ACCESS },
]);
