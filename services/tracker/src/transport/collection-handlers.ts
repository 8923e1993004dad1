import { Leak as LeakMessage } from '@berth/proto/berth/tracker/v1/allocation';
import type { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import * as messages from '@berth/proto/berth/tracker/v1/allocation_service';
import { ItemOutcome } from '@berth/proto/berth/tracker/v1/collection';
import type { ServiceImplementation } from '@berth/server';
import { byOf, fitAll, itemBytes, parseRequest, requestKey, storePage } from '@berth/server';
import { applyPlan } from '../app/apply-plan.js';
import { acknowledgeLeak, findLeaks, lastSweepMs } from '../app/leaks.js';
import { planCollection } from '../app/plan-collection.js';
import { reportSeen } from '../app/report-seen.js';
import { isAcknowledged } from '../domain/index.js';
import { leakMessage, outcomeMessage, planMessage, shortOutcome } from './leak-to-proto.js';
import { parseAcknowledgement, parsePlan } from './parse-collection.js';
import { parseLeakFilter, parseReport } from './parse-queries.js';
import type { HandlerDeps } from './tracker-calls.js';

type Collecting = Pick<
  ServiceImplementation<AllocationServiceDefinition>,
  'reportSeen' | 'listLeaks' | 'acknowledgeLeak' | 'planCollection' | 'applyPlan'
>;

/** A plan has at most 5,000 items. */
const OUTCOMES = { whole: outcomeMessage, short: shortOutcome, shortBytes: 400, bytes: itemBytes(ItemOutcome) };

/** The methods of AllocationService about leaks and what to do with them. */
export function collectionHandlers({ context }: HandlerDeps): Collecting {
  return {
    async reportSeen(request, call) {
      const report = parseReport(request);
      const key = requestKey('ReportSeen', messages.ReportSeenRequest, request, call.caller);
      const { known, unknown, missing } = await reportSeen(context(), report, key);
      return { known, unknown, missing };
    },

    async listLeaks(request) {
      const filter = parseLeakFilter(request);
      const { includeAcknowledged } = request;
      const nowMs = context().clock.now();
      const sweepMs = await lastSweepMs(context());
      const { messages: leaks, nextPageToken } = await storePage(request, {
        read: async (limit, after) => {
          const { documents, next } = await findLeaks(context(), filter, limit, after);
          return {
            documents: documents.filter(({ value }) => includeAcknowledged || !isAcknowledged(value, nowMs)),
            next,
          };
        },
        message: ({ value }) => leakMessage(value, nowMs),
        bytes: itemBytes(LeakMessage),
        scope: ['ListLeaks', filter, includeAcknowledged],
      });
      return { leaks, nextPageToken, sweepTime: sweepMs === undefined ? undefined : new Date(sweepMs) };
    },

    async acknowledgeLeak(request, call) {
      const { clock } = context();
      const acknowledgement = parseAcknowledgement(request, clock.now());
      const key = requestKey('AcknowledgeLeak', messages.AcknowledgeLeakRequest, request, call.caller);
      const { value } = await acknowledgeLeak(context(), request.leakId, acknowledgement, key, byOf(call));
      return { leak: leakMessage(value, clock.now()) };
    },

    async planCollection(request, call) {
      const scope = parsePlan(request);
      const key = requestKey('PlanCollection', messages.PlanCollectionRequest, request, call.caller);
      return { plan: planMessage(await planCollection(context(), scope, key, byOf(call))) };
    },

    async applyPlan(request) {
      parseRequest(request, (faults) => {
        faults.require('plan_id', request.planId);
      });
      // A plan is applied once, so its own id makes the call repeatable.
      const outcomes = await applyPlan(context(), request.planId);
      return { outcomes: fitAll(outcomes, OUTCOMES) };
    },
  };
}
