import type { Condition } from '@berth/proto/berth/lease/v1/bench';
import { ConditionState } from '@berth/proto/berth/lease/v1/bench';
import type { Faults } from '@berth/server';
import { parseTime, proseFault } from '@berth/server';
import type { ConditionState as State } from '../../domain/index.js';

const STATES: ReadonlyMap<ConditionState, State> = new Map([
  [ConditionState.READY, 'READY'],
  [ConditionState.MAINTENANCE, 'MAINTENANCE'],
  [ConditionState.QUARANTINED, 'QUARANTINED'],
  [ConditionState.OFFLINE, 'OFFLINE'],
]);
const ALLOWED = [...STATES].map(([number, name]) => `${name} (${number})`).join(', ');

export interface NewCondition {
  readonly state: State;
  readonly reason: string;
  readonly untilMs?: number;
}

/** What a bench's condition shall be; a reason is required for every state but READY. */
export function parseCondition(condition: Condition | undefined, faults: Faults): NewCondition {
  if (condition === undefined) {
    faults.add('condition', `is missing; its state is one of ${ALLOWED}`);
    return { state: 'READY', reason: '' };
  }
  const { reason } = condition;
  const state = stateOf(condition.state, 'condition.state', faults);
  if (state !== undefined && state !== 'READY' && reason.trim() === '') {
    faults.add('condition.reason', `is empty; ${state} needs a reason, which those who wait are told`);
  }
  faults.check('condition.reason', proseFault(reason));
  const untilMs = parseTime(condition.until, 'condition.until', faults);
  return { state: state ?? 'READY', reason, ...(untilMs !== undefined && { untilMs }) };
}

/** The states to list; empty = all. */
export function parseConditionStates(states: readonly ConditionState[], faults: Faults): ReadonlySet<State> {
  const known = states.map((state, i) => stateOf(state, `conditions[${i}]`, faults));
  return new Set(known.filter((state) => state !== undefined));
}

function stateOf(state: ConditionState, field: string, faults: Faults): State | undefined {
  const known = STATES.get(state);
  if (known === undefined) faults.add(field, `is ${state}, which is no state to ask for; allowed are ${ALLOWED}`);
  return known;
}
