import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.js';
import type { Identity } from '../identity/identity.js';
import type { CallLimit } from '../limits/call-limit.js';
import type { CallTraces } from '../traces/call-traces.js';
import { type HangUpLimit, HangUps } from './hang-ups.js';
import type { MethodWatch } from './method-watch.js';
import { SlowReaders } from './slow-readers.js';

/** A call being served, as the server sees it. */
export interface OpenCall {
  /** Tells the method that the server shuts down. */
  tellShutdown(): void;
}

/** What all calls of one server share. */
export interface CallScope {
  readonly log: Logger;
  readonly identity: Identity;
  /** Where the deeds of callers are written down; absent = nowhere. */
  readonly audit: Audit | undefined;
  readonly clock: Clock;
  readonly maxRequestBytes: number;
  readonly slowReaders: SlowReaders;
  readonly hangUps: HangUps;
  /** Bounds the calls of each caller; absent = any number. */
  readonly limit: CallLimit | undefined;
  readonly traces: CallTraces;
  /** What watches the calls of a method; absent = nothing does. */
  readonly watchOf: ((path: string, isStream: boolean) => MethodWatch) | undefined;
  /** The calls that are being served, until their last byte has left. */
  readonly open: Set<OpenCall>;
  /** True once the server shuts down: new calls are refused. */
  stopping: boolean;
  /** Called each time that `open` becomes empty. */
  onIdle: () => void;
}

export interface CallScopeOptions {
  readonly log: Logger;
  readonly identity: Identity;
  readonly audit: Audit | undefined;
  readonly clock: Clock;
  readonly maxRequestBytes: number;
  readonly slowReaderMs: number;
  readonly hangUpLimit: HangUpLimit;
  readonly limit: CallLimit | undefined;
  readonly traces: CallTraces;
  readonly watchOf: CallScope['watchOf'];
}

export function createCallScope(options: CallScopeOptions): CallScope {
  const { log, identity, audit, clock, maxRequestBytes, slowReaderMs, hangUpLimit, limit, traces, watchOf } = options;
  return {
    log,
    identity,
    audit,
    clock,
    maxRequestBytes,
    slowReaders: new SlowReaders(clock, slowReaderMs),
    hangUps: new HangUps(clock, hangUpLimit),
    limit,
    traces,
    watchOf,
    open: new Set(),
    stopping: false,
    onIdle: () => undefined,
  };
}

/** What a call gets that comes while the server shuts down. */
export function shuttingDown(): BerthError {
  return new BerthError(
    'SHUTTING_DOWN',
    'the server is shutting down; try again in a moment, it may be starting anew',
    {
      retryAfterMs: 1000,
    },
  );
}
