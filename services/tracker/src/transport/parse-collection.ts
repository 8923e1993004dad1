import type { AcknowledgeLeakRequest, PlanCollectionRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import { parseRequest, parseTime, proseFault } from '@berth/server';
import type { PlanScope } from '../app/plan-collection.js';
import { parseRules } from './parse-queries.js';
import { kindFault } from './value-rules.js';

/** Until when somebody takes a leak on, and why. Throws INVALID_FIELD. */
export function parseAcknowledgement(
  request: AcknowledgeLeakRequest,
  nowMs: number,
): { readonly untilMs: number; readonly reason: string } {
  const { leakId, until, reason } = request;
  return parseRequest(request, (faults) => {
    faults.require('leak_id', leakId);
    if (until === undefined) faults.add('until', 'is missing; say until when you take it on');
    const untilMs = parseTime(until, 'until', faults) ?? nowMs;
    if (until !== undefined && untilMs <= nowMs) faults.add('until', 'has passed');
    faults.require('reason', reason, proseFault);
    return { untilMs, reason };
  });
}

/** What a plan is made for. Throws INVALID_FIELD. */
export function parsePlan(request: PlanCollectionRequest): PlanScope {
  const { kinds, maxDeletions } = request;
  return parseRequest(request, (faults) => {
    const rules = parseRules(request.rules, faults);
    if (rules.includes('L5')) faults.add('rules', 'has L5, of which there is no allocation to act on; leave it out');
    for (const [i, kind] of kinds.entries()) faults.check(`kinds[${i}]`, kindFault(kind));
    if (maxDeletions !== undefined && maxDeletions < 0) faults.add('max_deletions', `is ${maxDeletions}; at least 0`);
    return { rules, kinds, ...(maxDeletions !== undefined && { maxDeletions }) };
  });
}
