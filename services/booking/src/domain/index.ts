export type {
  BenchCandidate,
  BenchWish,
  Booking,
  BookingState,
  BookingWishes,
  LabStep,
  Refusal,
  Shortfall,
  Span,
  StoredState,
  TemplateUse,
} from './model/booking.js';
export { extentOf, isFirm, isOver, isWaiting, stateAt } from './model/booking.js';
export type { Cluster, Grant, Part, Series, Size, Template } from './model/cluster.js';
export { FOREVER_MS, SHARE, UNIT } from './model/cluster.js';
export type {
  Answer,
  BookingChange,
  BookingLimits,
  ClusterAsk,
  Command,
  GrantAsk,
  SeriesScope,
  SpanAsk,
} from './model/commands.js';
export type { Change, Done, Entry, Notice, NoticeKind, SnapshotItem, StoredAnswer } from './model/ledger.js';
export { labOf, parentOf, rootOf } from './model/names.js';
export { benchesOf } from './plan/choose-benches.js';
export type { EntryPlan } from './plan/plan-entry.js';
export { keyOf, planEntry, simulate } from './plan/plan-entry.js';
export { isOpen } from './plan/is-open.js';
export { etagOf } from './plan/refusals.js';
export { resolveTemplate } from './plan/templates.js';
export type { Conflict, SizePeriod } from './queries.js';
export { conflictsOf, entitlementsOf, sizesOf, takenAt } from './queries.js';
export { isBuiltIn } from './state/root-cluster.js';
export { RootState } from './state/root-state.js';
export { restoreRoot, snapshotOf } from './state/snapshot.js';
