import { type Leak, LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import type { Column } from './table.js';
import { sinceText, untilText } from './time-text.js';

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

/** The columns of a list of leaks. */
export function leakColumns(now: Date): Column<Leak>[] {
  return [
    { title: 'LEAK', text: ({ id }) => id },
    { title: 'RULE', text: ({ rule }) => ruleName(rule) },
    { title: 'KIND', text: ({ kind }) => kind },
    { title: 'OWNER', text: ({ owner }) => owner },
    { title: 'NAME', text: ({ externalId }) => externalId },
    { title: 'SINCE', text: ({ firstSeen }) => sinceText(firstSeen, now) },
    { title: 'ACKNOWLEDGED', text: (leak) => acknowledgedText(leak, now) },
    { title: 'EVIDENCE', text: ({ evidence }) => evidence },
    { title: 'TO DO', text: ({ proposedAction }) => proposedAction },
  ];
}

function acknowledgedText({ acknowledgement }: Leak, now: Date): string {
  if (!acknowledgement) return '';
  const { actor, until, reason } = acknowledgement;
  return `${actor?.name ?? ''} until ${untilText(until, now)}: ${reason}`;
}
