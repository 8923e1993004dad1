import type { Clock } from '@berth/kernel';
import type { AccessLog, Logger } from '@berth/server';
import { accessLogOf, CallLimit, CallMetrics, ProcessMetrics } from '@berth/server';
import type { BerthdConfig } from './config.js';
import { NO_HTTP } from './config.js';

/** What watches the calls of a process. */
export interface Watching {
  /** Where roles put what they count; undefined where nobody can ask for it. */
  readonly metrics: ProcessMetrics | undefined;
  /** Counts calls. */
  readonly calls: CallMetrics | undefined;
  /** Undefined = calls are not logged. */
  readonly accessLog: AccessLog | undefined;
  /** Undefined = callers make as many calls as they like. */
  readonly limit: CallLimit | undefined;
}

/** What watches calls, as configured. */
export function openWatching({ http, log: { access }, server }: BerthdConfig, clock: Clock, log: Logger): Watching {
  const metrics = http.listen === NO_HTTP ? undefined : new ProcessMetrics();
  const { maxCallsPerSecond } = server;
  return {
    metrics,
    calls: metrics && new CallMetrics(metrics),
    accessLog: accessLogOf(access, log),
    limit: maxCallsPerSecond === undefined ? undefined : new CallLimit(maxCallsPerSecond, clock),
  };
}
