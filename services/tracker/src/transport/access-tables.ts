import { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
import type { AccessTable, MethodAccess } from '@berth/server';
import { accessOf } from '@berth/server';

/** Who may call the methods of AllocationService. Whose allocation it is, the use cases look at. */
export const ALLOCATION_ACCESS: AccessTable<typeof AllocationServiceDefinition> = {
  registerIntent: 'user',
  confirmAllocation: 'user',
  failAllocation: 'user',
  confirmRelease: 'user',
  failRelease: 'user',
  extend: 'user',
  releaseByAttributes: 'user',
  setProtection: 'operator',
  batchRegisterIntents: 'user',
  batchConfirmAllocations: 'user',
  batchFailAllocations: 'user',
  batchConfirmReleases: 'user',
  batchFailReleases: 'user',
  openGroup: 'user',
  closeGroup: 'user',
  getAllocation: 'viewer',
  listAllocations: 'viewer',
  exportAllocations: 'viewer',
  getUsage: 'viewer',
  watch: 'viewer',
  reportSeen: 'operator',
  listLeaks: 'viewer',
  acknowledgeLeak: 'operator',
  planCollection: 'operator',
  applyPlan: 'operator',
};

/** Who may call the methods of RecordService. For whom is claimed and released is looked at beside. */
export const RECORD_ACCESS: AccessTable<typeof RecordServiceDefinition> = {
  createRecord: 'operator',
  batchCreateRecords: 'operator',
  getRecord: 'viewer',
  listRecords: 'viewer',
  updateRecord: 'operator',
  deleteRecord: 'operator',
  undeleteRecord: 'operator',
  listChanges: 'viewer',
  describeKind: 'viewer',
  listKinds: 'viewer',
  claimRecords: 'user',
  claimAddresses: 'user',
  releaseRecords: 'user',
};

/** Every method of the tracker, and who may call it. */
export const trackerAccess: readonly MethodAccess[] = accessOf([
  { definition: AllocationServiceDefinition, access: ALLOCATION_ACCESS },
  { definition: RecordServiceDefinition, access: RECORD_ACCESS },
]);
