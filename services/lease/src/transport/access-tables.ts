import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import type { AccessTable, MethodAccess } from '@berth/server';
import { accessOf } from '@berth/server';

/** Who may call the methods of LeaseService. Whose lease and whose request it is, the planner decides. */
export const LEASE_ACCESS: AccessTable<typeof LeaseServiceDefinition> = {
  acquire: 'user',
  renew: 'user',
  keepAlive: 'user',
  release: 'user',
  revoke: 'operator',
  transfer: 'operator',
  extend: 'user',
  getLease: 'viewer',
  listLeases: 'viewer',
  listQueue: 'viewer',
  cancelRequest: 'user',
  setPriority: 'operator',
  checkToken: 'viewer',
  watch: 'viewer',
  watchDemand: 'viewer',
  putReservation: 'operator',
  deleteReservation: 'operator',
  listReservations: 'viewer',
};

/** Who may call the methods of InventoryService. What a token that is limited to benches may change is looked at beside. */
export const INVENTORY_ACCESS: AccessTable<typeof InventoryServiceDefinition> = {
  listBenches: 'viewer',
  getBench: 'viewer',
  createBench: 'operator',
  updateBench: 'bench',
  deleteBench: 'operator',
  applyInventory: 'operator',
  exportInventory: 'viewer',
  setCondition: 'bench',
  finishCleaning: 'operator',
  putOffer: 'operator',
  deleteOffer: 'operator',
};

/** Every method of the lease service, and who may call it. */
export const leaseAccess: readonly MethodAccess[] = accessOf([
  { definition: LeaseServiceDefinition, access: LEASE_ACCESS },
  { definition: InventoryServiceDefinition, access: INVENTORY_ACCESS },
]);
