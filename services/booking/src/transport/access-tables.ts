import { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
import { CapacityServiceDefinition } from '@berth/proto/berth/booking/v1/capacity_service';
import type { AccessTable, MethodAccess } from '@berth/server';
import { accessOf } from '@berth/server';

/** Who may call the methods of BookingService. Whose booking it is, and `force`, are looked at beside. */
export const BOOKING_ACCESS: AccessTable<typeof BookingServiceDefinition> = {
  createBooking: 'user',
  getBooking: 'viewer',
  listBookings: 'viewer',
  updateBooking: 'user',
  cancelBooking: 'user',
  createSeries: 'user',
  createHold: 'user',
  confirmHold: 'user',
  checkIn: 'user',
  getAvailability: 'viewer',
  findFits: 'viewer',
  simulate: 'viewer',
  listConflicts: 'viewer',
  watch: 'viewer',
};

/** Who may call the methods of CapacityService. Whose cluster it is, and `force`, are looked at beside. */
export const CAPACITY_ACCESS: AccessTable<typeof CapacityServiceDefinition> = {
  createCluster: 'user',
  getCluster: 'viewer',
  listClusters: 'viewer',
  updateCluster: 'user',
  deleteCluster: 'user',
  resizeCluster: 'user',
  listSizes: 'viewer',
  createGrant: 'operator',
  getGrant: 'viewer',
  listGrants: 'viewer',
  updateGrant: 'operator',
  deleteGrant: 'operator',
  createTemplate: 'operator',
  listTemplates: 'viewer',
  hideTemplate: 'operator',
  createMaintenance: 'operator',
};

/** Every method of the booking service, and who may call it. */
export const bookingAccess: readonly MethodAccess[] = accessOf([
  { definition: BookingServiceDefinition, access: BOOKING_ACCESS },
  { definition: CapacityServiceDefinition, access: CAPACITY_ACCESS },
]);
