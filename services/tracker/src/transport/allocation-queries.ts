import { systemClock } from '@berth/kernel';
import { Allocation as AllocationMessage } from '@berth/proto/berth/tracker/v1/allocation';
import type { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import { UsageRow } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { ServiceImplementation } from '@berth/server';
import { dateOf, itemBytes, parseRequest, partsOf, storePage } from '@berth/server';
import { findAllocations, getAllocation } from '../app/find-allocations.js';
import { sumUsage } from '../app/sum-usage.js';
import { allocationOf } from './allocation-to-proto.js';
import { usageMessage } from './leak-to-proto.js';
import { parseFilter, parseOrder, parseUsage } from './parse-queries.js';
import type { HandlerDeps } from './tracker-calls.js';
import { streamChanges } from './watch.js';

type Queries = Pick<
  ServiceImplementation<AllocationServiceDefinition>,
  'getAllocation' | 'listAllocations' | 'exportAllocations' | 'getUsage' | 'watch'
>;

/** Allocations that an export reads at once. */
const EXPORT_CHUNK = 100;

const allocationBytes = itemBytes(AllocationMessage);

/** The methods of AllocationService that read allocations; anybody may. */
export function allocationQueries({ context }: HandlerDeps): Queries {
  const clock = systemClock(false);
  return {
    async getAllocation(request) {
      parseRequest(request, (faults) => {
        faults.require('id', request.id);
      });
      return { allocation: allocationOf(await getAllocation(context(), request.id)) };
    },

    async listAllocations(request) {
      const { filter, descending } = parseRequest(request, (faults) => ({
        filter: parseFilter(request.filter, faults),
        descending: parseOrder(request.orderBy, faults),
      }));
      const { messages, nextPageToken } = await storePage(request, {
        read: (limit, after) => findAllocations(context(), filter, { descending, after, limit }),
        message: allocationOf,
        bytes: allocationBytes,
        scope: ['ListAllocations', filter, descending],
      });
      return { allocations: messages, nextPageToken };
    },

    async exportAllocations(request, call, out) {
      const filter = parseRequest(request, (faults) => parseFilter(request.filter, faults));
      let after: string | undefined;
      do {
        if (call.shutdown.aborted) throw call.shutdown.reason;
        const found = await findAllocations(context(), filter, { descending: false, after, limit: EXPORT_CHUNK });
        for (const allocations of partsOf(found.documents.map(allocationOf), allocationBytes))
          if (!(await out.write({ allocations }))) return;
        after = found.next;
      } while (after !== undefined && !call.over);
    },

    async getUsage(request) {
      const usage = await sumUsage(context(), parseUsage(request, context().clock.now()));
      const all = usage.rows.map(usageMessage);
      const [rows = []] = partsOf(all, itemBytes(UsageRow));
      return {
        rows,
        leftOut: all.length - rows.length,
        from: new Date(usage.fromMs),
        until: new Date(usage.untilMs),
        completeFrom: dateOf(usage.completeFromMs),
      };
    },

    watch(request, call, out) {
      return streamChanges(context(), request, call, out, clock);
    },
  };
}
