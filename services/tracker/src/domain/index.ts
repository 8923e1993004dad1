export type { Actor, By } from './actor.js';
export { SYSTEM } from './actor.js';
export type {
  Allocation,
  AllocationFlag,
  AllocationState,
  CollectionStatus,
  IntentSpec,
  StateChange,
} from './allocation.js';
export { isLive, newIntent, providerOf } from './allocation.js';
export type { Answered, Remembering, RequestKey } from './answered.js';
export { remember, requestIdReused, wasAnswered } from './answered.js';
export { deleted, deleteFailed, deleting, mark, notified, unmarked } from './collecting.js';
export type { Candidate, CollectAction, CollectionPlan, ItemOutcome, LeftOut, PlanItem } from './collection.js';
export { planItems, stepOf } from './collection.js';
export type { Group, GroupState } from './group.js';
export { closeGroup, noSuchGroup, requireOpen } from './group.js';
export type { Acknowledgement, Leak, LeakFacts, LeakRule } from './leak.js';
export { isAcknowledged, LEAK_RULES, leakId, leakOf, ruleHolds, unknownLeak } from './leak.js';
export type { Pairs } from './pairs.js';
export { fromPairs, toPairs } from './pairs.js';
export { illegalTransition, noSuchAllocation, requireOwner, staleEtag } from './refusals.js';
export type { ReportRules } from './report.js';
export { checkPlausible, compareReport } from './report.js';
export type { Confirmation, Transition } from './transitions.js';
export { confirm, extend, fail, protect, release } from './transitions.js';
export type { UsageKey, UsageRow } from './usage.js';
export { overlapMs, Usage } from './usage.js';
