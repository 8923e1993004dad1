import type { Caller } from '../identity/caller.js';
import type { Logger } from './log.js';

/** Which calls the access log has: none, those that failed, all. */
export const ACCESS_LOGS = ['off', 'failed', 'all'] as const;

export type AccessLogMode = (typeof ACCESS_LOGS)[number];

/** What the access log tells of a call or request; what its caller showed is never among it. */
export interface AccessLine {
  readonly requestId: string;
  /** `/berth.lease.v1.LeaseService/Acquire`, or `POST /lock`. */
  readonly method: string;
  /** The gRPC code by name, or the HTTP status. */
  readonly code: string | number;
  readonly failed: boolean;
  readonly caller: Caller | undefined;
  readonly peer: string;
  readonly ms: number;
  readonly reason?: string | undefined;
  readonly traceId?: string | undefined;
}

/** One line a call. */
export class AccessLog {
  /** `mode` is not `off`: without a log there is no AccessLog. */
  constructor(
    private readonly log: Logger,
    private readonly mode: 'failed' | 'all',
  ) {}

  /** Whether a call that went so is told. */
  tells(failed: boolean): boolean {
    return failed || this.mode === 'all';
  }

  /** Writes the line of a call, if it is told. */
  line({ failed, caller, ms, reason, traceId, ...facts }: AccessLine): void {
    if (!this.tells(failed)) return;
    this.log.info(
      {
        ...facts,
        ...(reason !== undefined && { reason }),
        ...(caller !== undefined && { caller: caller.name, via: caller.via }),
        ...(caller?.by !== undefined && { by: caller.by }),
        ms: Math.round(ms * 1000) / 1000,
        ...(traceId !== undefined && { traceId }),
      },
      'call',
    );
  }
}

/** The access log of a mode; undefined for `off`. */
export function accessLogOf(mode: AccessLogMode, log: Logger): AccessLog | undefined {
  return mode === 'off' ? undefined : new AccessLog(log, mode);
}
