import type { Clock } from '@berth/kernel';
import type { WatchRequest, WatchResponse } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { CallContext, ResponseStream } from '@berth/server';
import { parseRequest, parseTime } from '@berth/server';
import { passes } from '../app/find-allocations.js';
import type { TrackerContext } from '../app/tracker-context.js';
import { allocationOf } from './allocation-to-proto.js';
import { parseFilter } from './parse-queries.js';

/** A sign of life is due after this silence, looked at often enough that it comes within 10 s. */
const SILENCE_MS = 8000;
const LOOK_MS = 1000;

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
  let sentMs = clock.monotonic();
  const beat = (): void => {
    if (clock.monotonic() - sentMs >= SILENCE_MS && out.pending === 0) {
      void out.write({ allocation: undefined });
      sentMs = clock.monotonic();
    }
    timer = clock.after(LOOK_MS, beat);
  };
  let timer = clock.after(LOOK_MS, beat);
  try {
    const signal = AbortSignal.any([call.signal, call.shutdown]);
    for await (const stored of context.changes.watch(fromMs, signal)) {
      if (!passes(stored.value, filter)) continue;
      sentMs = clock.monotonic();
      if (!(await out.write({ allocation: allocationOf(stored) }))) return;
    }
  } finally {
    timer.cancel();
  }
  if (call.shutdown.aborted) throw call.shutdown.reason;
}
