export { endedError, planAcquire, transferredError } from './commands/acquire.js';
export { planCleanFree, planFinishCleaning } from './commands/cleaning.js';
export { whyBookingEnds } from './end-lease.js';
export { someFreeToClean } from './commands/mark-free.js';
export {
  benchNamed,
  etagOf,
  planAnnounce,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planPutOffer,
  planRemoveOffer,
  planSetCondition,
  planUpdateBench,
} from './commands/inventory.js';
export { isNothing, laidOver, NOTHING_ANNOUNCED } from './announced.js';
export { planDeleteReservation, planPutReservation } from './commands/reservations.js';
export type { Deletion } from './commands/reservations.js';
export { endMsOf, ownersText } from './booked-time.js';
export { claimsUntilMs, schedule } from './schedule.js';
export { heldLease, noSuchLease, planExtend, planRelease, planRevoke, planTransfer } from './commands/leases.js';
export type { Transfer } from './commands/leases.js';
export { planCancel, planPrioritise } from './commands/queue.js';
export { planDetach, planDue, planSessionLost } from './commands/streams.js';
export type { Due } from './commands/streams.js';
export { Draft } from './draft.js';
export type { Bench, Demand, GoneReservation, Lease, Reservation, Waiting } from './entities.js';
export type { LeaseEvent } from './events.js';
export { forgetIdle } from './forget-idle.js';
export { lacksOf } from './lacks.js';
export { describeRequirement, meets } from './matching.js';
export { asMatchable } from './bench-look.js';
export type {
  Announced,
  Attribute,
  BenchSpec,
  Condition,
  ConditionState,
  EndReason,
  EntityRequirement,
  EntitySpec,
  GoneReason,
  HoldMode,
  LabRules,
  Lack,
  Offer,
  RequestSpec,
  Requirement,
  ReservationSpec,
} from './model.js';
export { ACQUIRE_FIELDS, assertSameRequest } from './same-request.js';
export { LabState } from './state.js';
export type { Change } from './change.js';
export type { Answer, Step } from './steps.js';
export { answerText, readAnswer } from './steps.js';
export { QueueViews, sameView } from './views.js';
export type { Candidate, DemandView, QueuedView } from './views.js';
