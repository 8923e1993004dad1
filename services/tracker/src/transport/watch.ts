import type { Clock } from '@berth/kernel';
import type { WatchRequest, WatchResponse } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { parseRequest, parseTime, writeLiving } from '@berth/server';
import { passes } from '../app/find-allocations.js';
import type { TrackerContext } from '../app/tracker-context.js';
import { allocationOf } from './allocation-to-proto.js';
import { parseFilter } from './parse-queries.js';

/** Streams allocations as they change. Ends when the caller hangs up; throws SHUTTING_DOWN when the server stops. */
export async function streamChanges(
  context: TrackerContext,
  request: WatchRequest,
  call: CallContext,
  out: ResponseStream<WatchResponse>,
  clock: Clock,
): Promise<void> {
  const { fromMs, filter } = parseRequest(request, (faults) => ({
    fromMs: parseTime(request.from, 'from', faults),
    filter: parseFilter(request.filter, faults),
  }));
  async function* messages(signal: AbortSignal): AsyncGenerator<WatchResponse, void, undefined> {
    for await (const stored of context.changes.watch(fromMs, signal)) {
      if (passes(stored.value, filter)) yield { allocation: allocationOf(stored) };
    }
  }
  await writeLiving(call, out, { clock, messages, signOfLife: { allocation: undefined } });
}
