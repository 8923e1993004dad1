import { status } from '@grpc/grpc-js';
import type { Caller } from '../identity/caller.js';
import type { MethodMetrics } from '../metrics/call-metrics.js';
import type { AccessLog } from '../process/access-log.js';

/** A call, as its watch sees it. */
export interface WatchedCall {
  /** What `opened` returned. */
  readonly startedMs: number;
  readonly requestId: string;
  /** The full path, `/berth.lease.v1.LeaseService/Acquire`. */
  readonly method: string;
  readonly caller: Caller;
  /** Where the caller is. */
  readonly peer: string;
  readonly traceId: string | undefined;
}

/** Counts the calls of one method, and writes the lines of the access log. */
export class MethodWatch {
  /** Absent = they are not counted, or not logged. */
  constructor(
    private readonly metrics: MethodMetrics | undefined,
    private readonly log: AccessLog | undefined,
  ) {}

  /** A call begins to be served. Returns when, on the clock that `ended` measures with. */
  opened(): number {
    if (this.metrics !== undefined) this.metrics.open += 1;
    return performance.now();
  }

  /** A call that was served is over; `reason` is that of an error. */
  ended(call: WatchedCall, code: status, reason?: string): void {
    const { metrics } = this;
    const ms = performance.now() - call.startedMs;
    if (metrics !== undefined) {
      metrics.open -= 1;
      metrics.ended[code]?.add();
      if (!metrics.isStream) metrics.seconds.observe(ms / 1000);
    }
    const failed = isFailure(code);
    if (this.log?.tells(failed) !== true) return;
    const { requestId, method, caller, peer, traceId } = call;
    this.log.line({ requestId, method, caller, peer, traceId, ms, reason, code: status[code], failed });
  }

  /** A call was refused before it was served. */
  refused({ method, peer }: Pick<WatchedCall, 'method' | 'peer'>, code: status, reason: string): void {
    const { metrics } = this;
    if (metrics !== undefined) metrics.ended[code]?.add();
    this.log?.line({ requestId: '', method, peer, caller: undefined, ms: 0, reason, code: status[code], failed: true });
  }
}

/** Whether a call failed; one that its caller ended did not: that is how watches and leases end. */
function isFailure(code: status): boolean {
  return code !== status.OK && code !== status.CANCELLED;
}
