import type { Allocation as AllocationMessage, Group as GroupMessage } from '@berth/proto/berth/tracker/v1/allocation';
import {
  Allocation as AllocationType,
  AllocationFlag,
  AllocationState,
  GroupState,
} from '@berth/proto/berth/tracker/v1/allocation';
import { AllocationResult } from '@berth/proto/berth/tracker/v1/allocation_service';
import { actorOf, dateOf, fitAll, itemBytes, rpcStatus, shortRpcStatus } from '@berth/server';
import type { AllocationAnswer } from '../app/command-allocations.js';
import type { Allocation, CollectionStatus, Group } from '../domain/index.js';
import { fromPairs } from '../domain/index.js';
import { LEAK_RULE } from './leak-rules.js';

/** A document as it is stored. */
interface Versioned<T> {
  readonly value: T;
  readonly revision: string;
}

export function allocationOf({ value, revision }: Versioned<Allocation>): AllocationMessage {
  return {
    id: value.id,
    kind: value.kind,
    owner: value.owner,
    application: value.application ?? '',
    module: value.module ?? '',
    labels: fromPairs(value.labels),
    attributes: fromPairs(value.attributes),
    group: value.group ?? '',
    deadline: new Date(value.deadlineMs),
    externalId: value.externalId ?? '',
    expectedEnd: dateOf(value.expectedEndMs),
    state: AllocationState[value.state],
    flags: value.flags.map((flag) => AllocationFlag[flag]),
    history: value.history.map(({ state, timeMs, actor, reason }) => ({
      state: AllocationState[state],
      time: new Date(timeMs),
      actor: actorOf(actor),
      reason,
    })),
    createTime: new Date(value.createMs),
    updateTime: new Date(value.updateMs),
    etag: revision,
    allocateTime: dateOf(value.allocateMs),
    endTime: dateOf(value.endMs),
    failureReason: value.failureReason ?? '',
    protected: value.protected,
    collection: value.collection && statusOf(value.collection),
    parent: value.parent ?? '',
    deleteFailure: value.deleteFailure ?? '',
  };
}

export function groupOf({ value, revision }: Versioned<Group>): GroupMessage {
  const { id, owner, description, state, createMs, closeMs } = value;
  const times = { createTime: new Date(createMs), closeTime: dateOf(closeMs) };
  return { id, owner, description, state: GroupState[state], ...times, etag: revision };
}

/** What a shortened result takes at most: of 10,000 a few less than 2 MiB. */
const SHORT_BYTES = 205;

/** A batch's answer: whole where there is room. */
export function resultsOf(answers: readonly AllocationAnswer[]): AllocationResult[] {
  const bytes = itemBytes(AllocationResult);
  return fitAll(answers, { whole: resultOf, short: shortResultOf, shortBytes: SHORT_BYTES, bytes });
}

function resultOf(answer: AllocationAnswer): AllocationResult {
  if ('error' in answer) return { result: { $case: 'error', value: rpcStatus(answer.error) }, shortened: false };
  return { result: { $case: 'allocation', value: allocationOf(answer.stored) }, shortened: false };
}

function shortResultOf(answer: AllocationAnswer): AllocationResult {
  if ('error' in answer) return { result: { $case: 'error', value: shortRpcStatus(answer.error) }, shortened: true };
  const { value, revision } = answer.stored;
  const short = AllocationType.fromPartial({ id: value.id, state: AllocationState[value.state], etag: revision });
  return { result: { $case: 'allocation', value: short }, shortened: true };
}

function statusOf({ markMs, dueMs, notifyMs, rule }: CollectionStatus) {
  return {
    markTime: new Date(markMs),
    dueTime: new Date(dueMs),
    notifyTime: dateOf(notifyMs),
    rule: LEAK_RULE[rule],
  };
}
