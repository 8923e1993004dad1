import type { Context, Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { TraceContext } from './trace-context.js';
import { beginTrace, inTrace, readTrace } from './trace-context.js';

/** What has headers: each is undefined when it is absent. */
export interface HasHeaders {
  text(name: string): string | undefined;
}

/** What a trace is named for: `/berth.lease.v1.LeaseService/Acquire`. */
export interface Named {
  readonly method: string;
}

/** The trace of one call. */
export interface CallTrace {
  readonly traceId: string;
  /** Runs the call in its trace. */
  run<T>(work: () => T): T;
  /** The call is over; `failure` says why it failed. */
  end(failure?: string): void;
}

/**
 * The traces of calls. Without an SDK of OpenTelemetry in the process, a trace that comes with a call is passed on and costs
 * nothing where none comes. With one, each call is a span.
 */
export class CallTraces {
  readonly #tracer: Tracer | undefined;

  /** Finds the SDK that was set up before; see `--import` of Node.js. */
  constructor(version: string, provider: TracerProvider = trace.getTracerProvider()) {
    this.#tracer = tracerOf(provider, version);
  }

  /** The trace of a call; undefined when it has none. */
  begin(call: Named, headers: HasHeaders): CallTrace | undefined {
    return this.#tracer === undefined ? passedOn(headers) : spanOf(this.#tracer, call.method, headers);
  }
}

/** The tracer of the SDK; undefined without one. The API gives a stand-in that records nothing, which has no cost of its own to save. */
function tracerOf(provider: TracerProvider, version: string): Tracer | undefined {
  if (!('getDelegateTracer' in provider)) return provider.getTracer('berth', version);
  return (provider as ProxyProvider).getDelegateTracer('berth', version);
}

interface ProxyProvider extends TracerProvider {
  getDelegateTracer(name: string, version?: string): Tracer | undefined;
}

function passedOn(headers: HasHeaders): CallTrace | undefined {
  const traceparent = headers.text('traceparent');
  if (traceparent === undefined) return undefined;
  const found = readTrace(traceparent, headers.text('tracestate'));
  if (found === undefined) return undefined;
  return { traceId: found.traceId, run: (work) => inTrace(found, work), end: beginTrace() };
}

const CARRIER = {
  get: (headers: HasHeaders, key: string) => headers.text(key),
  keys: () => ['traceparent', 'tracestate', 'baggage'],
};

function spanOf(tracer: Tracer, method: string, headers: HasHeaders): CallTrace {
  const parent = propagation.extract(ROOT_CONTEXT, headers, CARRIER);
  const span = tracer.startSpan(method.replace(/^\//, ''), { kind: SpanKind.SERVER }, parent);
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  const found: TraceContext = {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    tracestate: span.spanContext().traceState?.serialize(),
  };
  return spanTrace(found, span, trace.setSpan(parent, span));
}

function spanTrace(found: TraceContext, span: Span, within: Context): CallTrace {
  const over = beginTrace();
  return {
    traceId: found.traceId,
    run: (work) => context.with(within, () => inTrace(found, work)),
    end: (failure) => {
      over();
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}
