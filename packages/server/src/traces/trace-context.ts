import { AsyncLocalStorage } from 'node:async_hooks';

/** The trace that a call belongs to, as the W3C headers say it. */
export interface TraceContext {
  readonly traceId: string;
  /** `00-TRACE-SPAN-FLAGS`, for the calls that are made in the course of this one. */
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;
const MAX_TRACESTATE = 512;

const storage = new AsyncLocalStorage<TraceContext>();
/** Calls with a trace that are being served. */
let traced = 0;

/** Reads the values of the headers `traceparent` and `tracestate`; undefined for none and for what is no trace. */
export function readTrace(traceparent: string | undefined, tracestate: string | undefined): TraceContext | undefined {
  const [, traceId] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || traceparent === undefined) return undefined;
  const state = tracestate !== undefined && tracestate.length <= MAX_TRACESTATE ? { tracestate } : {};
  return { traceId, traceparent, ...state };
}

/** The trace of the call in whose course this is called; undefined when it has none. */
export function currentTrace(): TraceContext | undefined {
  return storage.getStore();
}

/** The headers for a call that is made in the course of a call with a trace; none otherwise. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const trace = storage.getStore();
  if (trace === undefined) return NO_HEADERS;
  const { traceparent, tracestate } = trace;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Runs `work` and all that follows from it in a trace. */
export function inTrace<T>(trace: TraceContext, work: () => T): T {
  return storage.run(trace, work);
}

/**
 * Says that a call with a trace begins; the function that it returns says that it is over. Node.js follows every promise of the
 * process from the first trace on: when no call has one any more, that is turned off again.
 */
export function beginTrace(): () => void {
  traced += 1;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    traced -= 1;
    if (traced === 0) storage.disable();
  };
}
