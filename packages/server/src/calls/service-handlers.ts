import { BerthError } from '@berth/kernel';
import { status } from '@grpc/grpc-js';
import type {
  sendUnaryData,
  ServiceDefinition as GrpcServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { MethodAudit } from '../audit/method-audit.js';
import { Gate } from '../access/gate.js';
import type { Caller } from '../identity/caller.js';
import type { Shown } from '../identity/shown.js';
import { ShownCall } from '../identity/shown.js';
import type { CallContext, ReadingCall, SurfaceCall, UnaryCall, WritingCall } from './call-context.js';
import { CallOverError, ServerCall } from './call-context.js';
import type { CallScope } from './call-scope.js';
import { shuttingDown } from './call-scope.js';
import type { CallStatus } from './error-status.js';
import { errorStatus, unexpectedError } from './error-status.js';
import { http2StreamOf } from './http2-stream-of.js';
import { LOCAL_PEER } from './local-peer.js';
import { requestDecoder, responseEncoder } from './message-codec.js';
import type { MethodWatch } from './method-watch.js';
import { requestStream, takenRequest } from './request-stream.js';
import type { ResponseStream } from './response-stream.js';
import { CallResponseStream } from './response-stream.js';
import type { MethodDefinition, ServedService } from './service-definition.js';

/** What `Server.addService` of grpc-js takes. */
export interface GrpcHandlers {
  readonly service: GrpcServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

/** Any method's function, before its types are known. */
type Method = (input: unknown, call: CallContext, out?: ResponseStream<unknown>) => Promise<unknown>;

/** A method with what serves it, and with what lets its callers in. */
interface BoundMethod {
  readonly run: Method;
  readonly method: MethodDefinition;
  readonly gate: Gate;
  readonly watch: MethodWatch | undefined;
  readonly audit: MethodAudit | undefined;
}

/**
 * Makes grpc-js handlers of a service. Whatever a method throws becomes a status: a BerthError by `errorStatus`, anything
 * else INTERNAL with its cause in the log only.
 */
export function serviceHandlers(served: ServedService, scope: CallScope): GrpcHandlers {
  const service: Record<string, GrpcServiceDefinition[string]> = {};
  const handlers: UntypedServiceImplementation = {};
  const implementation = served.implementation as Record<string, Method>;
  const maxRequestBytes = served.maxRequestBytes ?? scope.maxRequestBytes;
  for (const [key, method] of Object.entries(served.definition.methods)) {
    const path = `/${served.definition.fullName}/${method.name}`;
    const access = served.access[key];
    if (access === undefined) throw new Error(`nothing says who may call ${path}`);
    service[key] = {
      path,
      originalName: key,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      requestSerialize: responseEncoder(method.requestType),
      requestDeserialize: requestDecoder(method.requestType, maxRequestBytes),
      responseSerialize: responseEncoder(method.responseType),
      responseDeserialize: (bytes) => method.responseType.decode(bytes),
    };
    const watch = scope.watchOf?.(path, method.requestStream || method.responseStream);
    const run = boundMethod(implementation, key);
    const gate = new Gate(scope.identity, access, path);
    const audit = scope.audit && new MethodAudit(scope.audit, path, isChange(method));
    const bound = { run, method, gate, watch, audit };
    handlers[key] = method.responseStream ? streamHandler(bound, scope) : singleHandler(bound, scope);
  }
  return { service, handlers };
}

function isChange({ options }: MethodDefinition): boolean {
  return options?.idempotencyLevel !== 'NO_SIDE_EFFECTS';
}

function boundMethod(implementation: Record<string, Method>, key: string): Method {
  const method = implementation[key];
  if (method === undefined) throw new Error(`the service does not implement ${key}`);
  return method.bind(implementation);
}

/** Unary and client-streaming methods: one answer. */
function singleHandler(bound: BoundMethod, scope: CallScope) {
  return (surface: UnaryCall | ReadingCall, respond: sendUnaryData<unknown>): void => {
    const answer = (status: CallStatus | null, response?: unknown): void => {
      // grpc-js has sent the deadline's or the cancel's status already when the call is over: its respond does nothing then.
      try {
        respond(status, response);
      } catch (error) {
        scope.log.error({ err: error, method: surface.getPath() }, 'an answer could not be sent');
      }
    };
    const serve = (call: ServerCall): void => {
      serveSingle(bound, call).then(
        (response) => {
          answer(null, response);
          call.end(status.OK);
        },
        (error: unknown) => {
          const failure = failureOf(error, call, bound, scope);
          answer(failure);
          call.end(failure.code, reasonOf(error));
        },
      );
    };
    openCall(surface, bound, scope, serve, answer);
  };
}

async function serveSingle({ run, method, audit }: BoundMethod, call: ServerCall): Promise<unknown> {
  audit?.allowed(call);
  const { surface } = call;
  const input = method.requestStream
    ? requestStream(surface as ReadingCall, call)
    : takenRequest((surface as UnaryCall).request);
  return run(input, call);
}

/** Server-streaming and bidirectional methods. */
function streamHandler(bound: BoundMethod, scope: CallScope) {
  return (surface: WritingCall): void => {
    const refuse = (status: CallStatus): void => {
      surface.emit('error', status);
    };
    // It may stay open, unless its connection hangs up too many calls.
    const connection = http2StreamOf(surface)?.session;
    try {
      if (connection !== undefined) scope.hangUps.check(connection);
    } catch (error) {
      const failure = errorStatus(error as BerthError);
      bound.watch?.refused(shownOf(surface), failure.code, reasonOf(error));
      refuse(failure);
      return;
    }
    const serve = (call: ServerCall): void => {
      call.charged = connection;
      serveStream(bound, call, scope).then(
        () => {
          if (!call.over) surface.end();
          call.end(status.OK);
        },
        (error: unknown) => {
          const failure = failureOf(error, call, bound, scope);
          if (!call.over) refuse(failure);
          call.end(failure.code, reasonOf(error));
        },
      );
    };
    openCall(surface, bound, scope, serve, refuse);
  };
}

async function serveStream(bound: BoundMethod, call: ServerCall, scope: CallScope): Promise<void> {
  const { run, method, audit } = bound;
  audit?.allowed(call);
  const surface = call.surface as WritingCall;
  const out = new CallResponseStream(call, surface, method.responseType, scope.slowReaders);
  const input = 'request' in surface ? takenRequest(surface.request) : requestStream(surface, call);
  await run(input, call, out);
}

/**
 * Serves the call once it is clear that its caller may make it, or refuses it; within this turn where the caller is made out
 * at once.
 */
function openCall(
  surface: SurfaceCall,
  bound: BoundMethod,
  scope: CallScope,
  serve: (call: ServerCall) => void,
  refuse: (status: CallStatus) => void,
): void {
  let call: ServerCall;
  try {
    if (scope.stopping) throw shuttingDown();
    const shown = new ShownCall(surface);
    const caller = bound.gate.enter(shown);
    if (caller instanceof Promise) {
      void openLater(surface, bound, caller, shown, scope, serve, refuse);
      return;
    }
    call = begunCall(surface, bound, caller, shown, scope);
  } catch (error) {
    refuse(openingStatus(error, surface, bound, scope));
    return;
  }
  serveInTrace(call, serve);
}

/** The call of a caller that was let in. Throws RATE_LIMITED and SHUTTING_DOWN. */
function begunCall(
  surface: SurfaceCall,
  { watch }: BoundMethod,
  caller: Caller,
  shown: Shown,
  scope: CallScope,
): ServerCall {
  // What the parts of this process ask each other is not limited, for whomever they ask.
  if (scope.limit !== undefined && surface.getPeer() !== LOCAL_PEER) scope.limit.check(caller);
  const call = new ServerCall(surface, scope, caller, watch);
  call.trace = scope.traces.begin(call, shown);
  return call;
}

function serveInTrace(call: ServerCall, serve: (call: ServerCall) => void): void {
  if (call.trace === undefined) serve(call);
  else
    call.trace.run(() => {
      serve(call);
    });
}

async function openLater(
  surface: SurfaceCall,
  bound: BoundMethod,
  making: Promise<Caller>,
  shown: Shown,
  scope: CallScope,
  serve: (call: ServerCall) => void,
  refuse: (status: CallStatus) => void,
): Promise<void> {
  let call: ServerCall;
  try {
    const caller = await making;
    // Nobody waits for an answer any more, and nothing was opened.
    if (surface.cancelled) return;
    call = begunCall(surface, bound, caller, shown, scope);
  } catch (error) {
    if (!surface.cancelled) refuse(openingStatus(error, surface, bound, scope));
    return;
  }
  serveInTrace(call, serve);
}

function openingStatus(
  error: unknown,
  surface: SurfaceCall,
  { watch, audit }: BoundMethod,
  scope: CallScope,
): CallStatus {
  audit?.refused(surface, error);
  const failure = openingFailure(error, surface, scope);
  watch?.refused(shownOf(surface), failure.code, reasonOf(error));
  return failure;
}

function openingFailure(error: unknown, surface: SurfaceCall, scope: CallScope): CallStatus {
  if (error instanceof BerthError) return errorStatus(error);
  scope.log.error({ err: error, method: surface.getPath() }, 'a call could not be opened');
  return errorStatus(unexpectedError('unknown', error));
}

function shownOf(surface: SurfaceCall): { readonly method: string; readonly peer: string } {
  return { method: surface.getPath(), peer: surface.getPeer() };
}

/** The reason of an error that a method threw. */
function reasonOf(error: unknown): string {
  return error instanceof BerthError ? error.reason : 'INTERNAL';
}

function failureOf(error: unknown, call: ServerCall, { audit }: BoundMethod, scope: CallScope): CallStatus {
  if (!(error instanceof CallOverError)) audit?.failed(call, error);
  if (error instanceof BerthError && error.reason !== 'INTERNAL') return errorStatus(error);
  // An abort that the end of the call caused is no fault, and nobody hears the status.
  if (!call.over)
    scope.log.error({ err: error, requestId: call.requestId, method: call.method }, 'a call failed unexpectedly');
  return errorStatus(unexpectedError(call.requestId, error));
}
