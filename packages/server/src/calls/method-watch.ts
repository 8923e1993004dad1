import { status } from '@grpc/grpc-js';
import type { MethodMetrics } from '../metrics/call-metrics.js';
import type { AccessLog } from '../process/access-log.js';
import type { ServerCall, SurfaceCall } from './call-context.js';

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

  /** A call that was served is over. */
  ended(call: ServerCall, code: status, reason: string | undefined): void {
    const { metrics } = this;
    const ms = performance.now() - call.startedMs;
    if (metrics !== undefined) {
      metrics.open -= 1;
      metrics.ended[code]?.add();
      if (!metrics.isStream) metrics.seconds.observe(ms / 1000);
    }
    const failed = isFailure(code);
    if (this.log?.tells(failed) !== true) return;
    const { requestId, method, caller, surface, trace } = call;
    const facts = { requestId, method, caller, ms, reason, traceId: trace?.traceId };
    this.log.line({ ...facts, code: status[code], failed, peer: surface.getPeer() });
  }

  /** A call was refused before it was served. */
  refused(surface: SurfaceCall, code: status, reason: string | undefined): void {
    this.metrics?.ended[code]?.add();
    if (this.log?.tells(true) !== true) return;
    const facts = { requestId: '', method: surface.getPath(), caller: undefined, ms: 0, reason };
    this.log.line({ ...facts, code: status[code], failed: true, peer: surface.getPeer() });
  }
}

/** Whether a call failed; one that its caller ended did not: that is how watches and leases end. */
function isFailure(code: status): boolean {
  return code !== status.OK && code !== status.CANCELLED;
}
