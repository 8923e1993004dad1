import { type Allocation, AllocationFlag, AllocationState, type Leak, LeakRule, type StateChange } from '@berth/client';
import { enumWords } from '../output/enum-name.js';

/** The rules as people name them, and as flags take them. */
export const RULES = {
  L1: LeakRule.INTENT_OVERDUE,
  L2: LeakRule.GROUP_FAILED,
  L3: LeakRule.PAST_END,
  L4: LeakRule.PARENT_GONE,
  L5: LeakRule.UNKNOWN_HERE,
  L6: LeakRule.MISSING_THERE,
  L7: LeakRule.DELETE_FAILED,
} as const;

/** A rule as flags take it. */
export type RuleName = keyof typeof RULES;

export const RULE_NAMES = Object.keys(RULES) as RuleName[];

/** `L1` … `L7`; a newer server's rule is `unknown`. */
export function ruleName(rule: LeakRule): string {
  return Object.entries(RULES).find(([, value]) => value === rule)?.[0] ?? 'unknown';
}

/** The name of an allocation's state for people: intent, allocated, released, failed. */
export function allocationState(state: AllocationState): string {
  return enumWords(AllocationState, state);
}

/** An allocation as `-o json` and `-o yaml` show it. */
export function allocationView(allocation: Allocation) {
  const { id, kind, owner, labels, attributes, deadline, collection } = allocation;
  return {
    id,
    kind,
    owner,
    state: AllocationState[allocation.state],
    flags: allocation.flags.map((flag) => AllocationFlag[flag]),
    externalId: allocation.externalId || undefined,
    application: allocation.application || undefined,
    module: allocation.module || undefined,
    labels,
    attributes,
    group: allocation.group || undefined,
    parent: allocation.parent || undefined,
    deadline,
    expectedEnd: allocation.expectedEnd,
    createTime: allocation.createTime,
    allocateTime: allocation.allocateTime,
    endTime: allocation.endTime,
    updateTime: allocation.updateTime,
    failureReason: allocation.failureReason || undefined,
    deleteFailure: allocation.deleteFailure || undefined,
    protected: allocation.protected,
    collection: collection && { ...collection, rule: ruleName(collection.rule) },
    history: allocation.history.map(stateChangeView),
    etag: allocation.etag,
  };
}

function stateChangeView({ state, time, actor, reason }: StateChange) {
  return { state: AllocationState[state], time, by: actor?.name, reason: reason || undefined };
}

/** A leak as `-o json` and `-o yaml` show it. */
export function leakView(leak: Leak) {
  const { id, kind, firstSeen, evidence, proposedAction, acknowledgement } = leak;
  return {
    id,
    rule: ruleName(leak.rule),
    allocation: leak.allocationId || undefined,
    kind,
    owner: leak.owner || undefined,
    externalId: leak.externalId || undefined,
    firstSeen,
    evidence,
    proposedAction,
    acknowledged: acknowledgement && {
      by: acknowledgement.actor?.name,
      until: acknowledgement.until,
      reason: acknowledgement.reason,
      time: acknowledgement.time,
    },
  };
}
