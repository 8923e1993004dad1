import type { LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import { AllocationState } from '@berth/proto/berth/tracker/v1/allocation';
import type {
  AllocationFilter as FilterMessage,
  GetUsageRequest,
  ListLeaksRequest,
  ReportSeenRequest,
} from '@berth/proto/berth/tracker/v1/allocation_service';
import type { Faults } from '@berth/server';
import { parseLabels, parseRequest, parseTime, quoted } from '@berth/server';
import type { AllocationFilter } from '../app/find-allocations.js';
import type { LeakFilter } from '../app/leaks.js';
import type { SeenReport } from '../app/report-seen.js';
import type { UsageQuery } from '../app/sum-usage.js';
import type { AllocationState as State, LeakRule as Rule, UsageKey } from '../domain/index.js';
import { LEAK_RULES, toPairs } from '../domain/index.js';
import { LEAK_RULE } from './leak-rules.js';
import { given } from './parse-intent.js';
import { externalIdFault, kindFault, nameTextFault } from './value-rules.js';

const STATES: readonly State[] = ['INTENT', 'ALLOCATED', 'RELEASED', 'FAILED'];
const USAGE_KEYS: readonly UsageKey[] = ['kind', 'owner', 'bench'];
const MAX_SEEN = 100_000;
const MAX_VALUES = 100;

/** Which allocations; `faults` says what is wrong. */
export function parseFilter(message: FilterMessage | undefined, faults: Faults): AllocationFilter {
  if (message === undefined) return { kinds: [], owners: [], states: [], labels: [] };
  const { kinds, owners, group, externalId, application, parent } = message;
  for (const [name, values] of Object.entries({ kinds, owners })) {
    if (values.length > MAX_VALUES) faults.add(`filter.${name}`, `has ${values.length} values; at most ${MAX_VALUES}`);
  }
  const createdFromMs = parseTime(message.createdFrom, 'filter.created_from', faults);
  const createdUntilMs = parseTime(message.createdUntil, 'filter.created_until', faults);
  return {
    kinds,
    owners,
    states: message.states.flatMap((state, i) => parseState(state, `filter.states[${i}]`, faults) ?? []),
    labels: toPairs(parseLabels(message.labels, 'filter.labels', faults)),
    ...given({ group, externalId, application, parent }),
    ...(createdFromMs !== undefined && { createdFromMs }),
    ...(createdUntilMs !== undefined && { createdUntilMs }),
  };
}

/** Whether the order is the reverse one. */
export function parseOrder(orderBy: string, faults: Faults): boolean {
  const text = orderBy.trim().replaceAll(/\s+/g, ' ');
  if (text === 'create_time desc') return true;
  if (text !== '' && text !== 'create_time' && text !== 'create_time asc')
    faults.add('order_by', `is ${quoted(orderBy)}; allowed are 'create_time' and 'create_time desc'`);
  return false;
}

export function parseRules(rules: readonly LeakRule[], faults: Faults): readonly Rule[] {
  return rules.flatMap((rule, i) => {
    const name = LEAK_RULES.find((known) => LEAK_RULE[known] === rule);
    if (name === undefined) faults.add(`rules[${i}]`, `is ${rule}; allowed are 1 (L1) to 7 (L7)`);
    return name ?? [];
  });
}

export function parseLeakFilter(request: ListLeaksRequest): LeakFilter {
  const { rules, owner, kind } = request;
  return parseRequest(request, (faults) => ({ rules: parseRules(rules, faults), ...given({ owner, kind }) }));
}

export function parseUsage(request: GetUsageRequest, nowMs: number): UsageQuery {
  const { owner, bench, kinds } = request;
  return parseRequest(request, (faults) => {
    const fromMs = parseTime(request.from, 'from', faults);
    if (fromMs !== undefined && fromMs >= nowMs) faults.add('from', 'has not come yet; give a time that has passed');
    const untilMs = parseTime(request.until, 'until', faults);
    if (fromMs !== undefined && untilMs !== undefined && fromMs >= untilMs) faults.add('until', 'must be after from');
    if (request.groupBy.length === 0) faults.add('group_by', `is empty; give one or more of ${USAGE_KEYS.join(', ')}`);
    const groupBy = request.groupBy.flatMap((key, i) => {
      if (isUsageKey(key)) return key;
      faults.add(`group_by[${i}]`, `is ${quoted(key)}; allowed are ${USAGE_KEYS.join(', ')}`);
      return [];
    });
    for (const [i, kind] of kinds.entries()) faults.check(`kinds[${i}]`, kindFault(kind));
    return {
      ...(fromMs !== undefined && { fromMs }),
      ...(untilMs !== undefined && { untilMs }),
      groupBy,
      kinds,
      ...given({ owner, bench }),
    };
  });
}

export function parseReport(request: ReportSeenRequest): SeenReport {
  const { kind, provider, externalIds, force } = request;
  return parseRequest(request, (faults) => {
    faults.check('kind', kindFault(kind));
    faults.require('provider', provider, nameTextFault);
    if (externalIds.length > MAX_SEEN)
      faults.add('external_ids', `has ${externalIds.length} names; at most ${MAX_SEEN} are allowed`);
    const bad = externalIds.findIndex((name) => name === '' || externalIdFault(name) !== undefined);
    if (bad >= 0) faults.add(`external_ids[${bad}]`, externalIdFault(externalIds[bad] ?? '') ?? 'is empty');
    return { kind, provider, externalIds, force };
  });
}

function parseState(state: AllocationState, field: string, faults: Faults): State | undefined {
  const name = STATES.find((known) => AllocationState[known] === state);
  if (name === undefined) faults.add(field, `is ${state}; allowed are 1 (INTENT) to 4 (FAILED)`);
  return name;
}

function isUsageKey(text: string): text is UsageKey {
  return (USAGE_KEYS as readonly string[]).includes(text);
}
