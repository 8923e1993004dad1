export type { AcquireCallbacks } from './acquire.js';
export type { AcquireOptions } from './acquire-request.js';
export type { LeaseEvent } from './acquire-call.js';
export type { BerthErrorDetails, ErrorResource, FieldViolation, PreconditionViolation } from './berth-error.js';
export { BerthError, statusName } from './berth-error.js';
export type { TlsOptions } from './channel.js';
export type { ConnectionFaultKind } from './connection-fault.js';
export type { Berth, ConnectOptions } from './connect.js';
export { connect } from './connect.js';
export type { ServingStatus } from './health.js';
export { LeaseHandle } from './lease-handle.js';
export { LeaseLostError } from './lease-lost-error.js';
export { GRAINS } from './grains.js';
export type { BerthCallOptions } from './middleware/index.js';
export { tlsFromFiles, tokenFromFile } from './credential-files.js';
export { parseAddresses } from './server-addresses.js';
export type { TokenSource } from './token-source.js';
export type { IdentityServiceClient, WhoAmIResponse } from '@berth/proto/berth/identity/v1/identity_service';
export { IdentityServiceDefinition } from '@berth/proto/berth/identity/v1/identity_service';
export { identityMetadata } from './identity.js';
export { toMoment, toTimeRange } from './moment.js';
export { toShare } from './share.js';
export type { Span } from './span.js';
export { durationToMs, spanToMs, toDuration } from './span.js';
export type { TicketOptions } from './ticket-handle.js';
export { TicketHandle } from './ticket-handle.js';
export type { WaitTicketOptions } from './wait-ticket.js';
export type { WatchOptions } from './watch.js';
export type { CallOptions } from 'nice-grpc-common';
export { Metadata, Status } from 'nice-grpc-common';
export type {
  Attribute,
  Bench,
  Condition,
  Entity,
  EntityRequirement,
  Offer,
  Requirement,
} from '@berth/proto/berth/lease/v1/bench';
export { ConditionState, Recycle } from '@berth/proto/berth/lease/v1/bench';
export type {
  Candidate,
  Ended,
  Granted,
  Heartbeat,
  Lease,
  Queued,
  QueuedRequest,
  Warning,
} from '@berth/proto/berth/lease/v1/lease';
export type { Reservation, ReservationGone } from '@berth/proto/berth/lease/v1/reservation';
export { ReservationGoneReason } from '@berth/proto/berth/lease/v1/reservation';
export { EndReason, HoldMode, WaitReason, WarningKind } from '@berth/proto/berth/lease/v1/lease';
export type {
  AcquireResponse,
  Change,
  Lack,
  LeaseEnded,
  LeaseServiceClient,
  RequestGone,
  WatchResponse,
} from '@berth/proto/berth/lease/v1/lease_service';
export { GoneReason, LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
export type { ApplyInventoryResponse, InventoryServiceClient } from '@berth/proto/berth/lease/v1/inventory_service';
export { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
export type { Allocation, CollectionStatus, Group, Leak, StateChange } from '@berth/proto/berth/tracker/v1/allocation';
export { AllocationFlag, AllocationState, GroupState, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
export type {
  AllocationFilter,
  AllocationResult,
  AllocationServiceClient,
  UsageRow,
} from '@berth/proto/berth/tracker/v1/allocation_service';
export { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
export type { CollectionPlan, ItemOutcome, LeftOut, PlanItem } from '@berth/proto/berth/tracker/v1/collection';
export { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
export type {
  FieldFilter,
  FieldSchema,
  Kind,
  Record as InventoryRecord,
  RecordChange,
} from '@berth/proto/berth/tracker/v1/record';
export { FieldType } from '@berth/proto/berth/tracker/v1/record';
export type { RecordServiceClient } from '@berth/proto/berth/tracker/v1/record_service';
export { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
export type {
  Block,
  BlockAmount,
  Figures,
  Fit,
  GetAvailabilityRequest,
  TemplateFit,
} from '@berth/proto/berth/booking/v1/availability';
export type {
  BenchSelection,
  Booking,
  Conflict,
  Notice,
  Recurrence,
  Shortfall,
  Span as BookingSpan,
} from '@berth/proto/berth/booking/v1/booking';
export { BookingState, Gap, NoticeKind, SeriesScope, WhenFull } from '@berth/proto/berth/booking/v1/booking';
export type { BookingServiceClient } from '@berth/proto/berth/booking/v1/booking_service';
export { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
export type { CapacityServiceClient } from '@berth/proto/berth/booking/v1/capacity_service';
export { CapacityServiceDefinition } from '@berth/proto/berth/booking/v1/capacity_service';
export type { Cluster, Grant, Part, Size, Template } from '@berth/proto/berth/booking/v1/cluster';
export { ClusterState, GrantKind } from '@berth/proto/berth/booking/v1/cluster';
export type { Calendar, Interval, Moment, TimeRange } from '@berth/proto/berth/booking/v1/time';
export { Anchor, Grain } from '@berth/proto/berth/booking/v1/time';
export type { Pool } from '@berth/proto/berth/pool/v1/pool';
export { PoolState, ResourceState } from '@berth/proto/berth/pool/v1/pool';
export type {
  ApplyPoolsResponse,
  PoolChange,
  PoolServiceClient,
  Stranger,
  WaitTicketResponse,
} from '@berth/proto/berth/pool/v1/pool_service';
export { PoolChangeKind, PoolServiceDefinition, StrangerVerdict } from '@berth/proto/berth/pool/v1/pool_service';
export type { CommandRun, Resource } from '@berth/proto/berth/pool/v1/resource';
export { CommandKind } from '@berth/proto/berth/pool/v1/resource';
export type { Ticket } from '@berth/proto/berth/pool/v1/ticket';
export { TicketState } from '@berth/proto/berth/pool/v1/ticket';
export type { Actor } from '@berth/proto/berth/type/v1/actor';
export { newRequestId } from './new-request-id.js';
export type { Page } from './all-pages.js';
export { allPages } from './all-pages.js';
