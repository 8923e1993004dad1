import { type Allocation, AllocationFlag, AllocationState, type StateChange } from '@berth/client';
import { enumWords, ruleName } from '@berth/views';

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
