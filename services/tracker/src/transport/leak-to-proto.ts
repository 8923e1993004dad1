import type { Leak as LeakMessage } from '@berth/proto/berth/tracker/v1/allocation';
import type {
  CollectionPlan as PlanMessage,
  ItemOutcome as OutcomeMessage,
} from '@berth/proto/berth/tracker/v1/collection';
import { CollectAction } from '@berth/proto/berth/tracker/v1/collection';
import type { UsageRow as UsageMessage } from '@berth/proto/berth/tracker/v1/allocation_service';
import { actorOf, dateOf, durationOf, HOUR_MS } from '@berth/server';
import type { CollectionPlan, ItemOutcome, Leak, UsageRow } from '../domain/index.js';
import { isAcknowledged } from '../domain/index.js';
import { LEAK_RULE } from './leak-rules.js';

/** Characters of a message where there is room for little; each takes at most three bytes. */
const SHORT_CHARS = 100;

/** A leak, with its acknowledgement while that lasts. */
export function leakMessage(leak: Leak, nowMs: number): LeakMessage {
  const { acknowledgement: known } = leak;
  return {
    id: leak.id,
    rule: LEAK_RULE[leak.rule],
    allocationId: leak.allocationId ?? '',
    kind: leak.kind,
    owner: leak.owner ?? '',
    externalId: leak.externalId ?? '',
    firstSeen: new Date(leak.firstSeenMs),
    evidence: leak.evidence,
    proposedAction: leak.proposedAction,
    acknowledgement:
      known === undefined || !isAcknowledged(leak, nowMs)
        ? undefined
        : {
            actor: actorOf(known.actor),
            until: new Date(known.untilMs),
            reason: known.reason,
            time: new Date(known.timeMs),
          },
  };
}

export function planMessage(plan: CollectionPlan): PlanMessage {
  return {
    id: plan.id,
    items: plan.items.map(({ action, rule, ...item }) => ({
      ...item,
      action: CollectAction[action],
      rule: LEAK_RULE[rule],
    })),
    leftOut: plan.leftOut.map(({ allocationId, reason }) => ({ allocationId, reason })),
    createTime: new Date(plan.createMs),
    actor: actorOf(plan.actor),
    applyTime: dateOf(plan.applyMs),
  };
}

export function outcomeMessage({ allocationId, action, outcome, message }: ItemOutcome): OutcomeMessage {
  return { allocationId, action: CollectAction[action], outcome, message };
}

/** An outcome with the beginning of its message only. */
export function shortOutcome(outcome: ItemOutcome): OutcomeMessage {
  const { message } = outcome;
  return outcomeMessage({
    ...outcome,
    message: message.length <= SHORT_CHARS ? message : `${message.slice(0, SHORT_CHARS)}…`,
  });
}

export function usageMessage(row: UsageRow): UsageMessage {
  const { kind = '', owner = '', bench = '', count, usedMs, longestMs, utilisation } = row;
  return { kind, owner, bench, count, hours: usedMs / HOUR_MS, utilisation, longest: durationOf(longestMs) };
}
