import type { AcknowledgeLeakRequest, PlanCollectionRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import { Faults, proseFault, requestIdFault } from '@berth/server';
import type { PlanScope } from '../app/plan-collection.js';
import { parseRules } from './parse-queries.js';
import { kindFault, parseTime, required } from './value-rules.js';

/** Until when somebody takes a leak on, and why. Throws INVALID_FIELD. */
export function parseAcknowledgement(
  { leakId, until, reason, requestId }: AcknowledgeLeakRequest,
  nowMs: number,
): { readonly untilMs: number; readonly reason: string } {
  const faults = new Faults();
  required(leakId, 'leak_id', faults);
  if (until === undefined) faults.add('until', 'is missing; say until when you take it on');
  const untilMs = parseTime(until, 'until', faults) ?? nowMs;
  if (until !== undefined && untilMs <= nowMs) faults.add('until', 'has passed');
  if (required(reason, 'reason', faults)) faults.check('reason', proseFault(reason));
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
  return { untilMs, reason };
}

/** What a plan is made for. Throws INVALID_FIELD. */
export function parsePlan({ rules, kinds, maxDeletions, requestId }: PlanCollectionRequest): PlanScope {
  const faults = new Faults();
  const wanted = parseRules(rules, faults);
  if (wanted.includes('L5')) faults.add('rules', 'has L5, of which there is no allocation to act on; leave it out');
  for (const [i, kind] of kinds.entries()) faults.check(`kinds[${i}]`, kindFault(kind));
  if (maxDeletions !== undefined && maxDeletions < 0) faults.add('max_deletions', `is ${maxDeletions}; at least 0`);
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
  return { rules: wanted, kinds, ...(maxDeletions !== undefined && { maxDeletions }) };
}
