import { BerthError } from '@berth/kernel';
import type {
  sendUnaryData,
  ServiceDefinition as GrpcServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { CallContext, ReadingCall, SurfaceCall, UnaryCall, WritingCall } from './call-context.js';
import { ServerCall } from './call-context.js';
import type { CallScope } from './call-scope.js';
import type { CallStatus } from './error-status.js';
import { errorStatus, unexpectedError } from './error-status.js';
import { http2StreamOf } from './http2-stream-of.js';
import { requestDecoder, responseEncoder } from './message-codec.js';
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
    service[key] = {
      path: `/${served.definition.fullName}/${method.name}`,
      originalName: key,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      requestSerialize: responseEncoder(method.requestType),
      requestDeserialize: requestDecoder(method.requestType, maxRequestBytes),
      responseSerialize: responseEncoder(method.responseType),
      responseDeserialize: (bytes) => method.responseType.decode(bytes),
    };
    const run = boundMethod(implementation, key);
    handlers[key] = method.responseStream ? streamHandler(run, method, scope) : singleHandler(run, method, scope);
  }
  return { service, handlers };
}

function boundMethod(implementation: Record<string, Method>, key: string): Method {
  const method = implementation[key];
  if (method === undefined) throw new Error(`the service does not implement ${key}`);
  return method.bind(implementation);
}

/** Unary and client-streaming methods: one answer. */
function singleHandler(run: Method, method: MethodDefinition, scope: CallScope) {
  return (surface: UnaryCall | ReadingCall, respond: sendUnaryData<unknown>): void => {
    const answer = (status: CallStatus | null, response?: unknown): void => {
      // grpc-js has sent the deadline's or the cancel's status already when the call is over: its respond does nothing then.
      try {
        respond(status, response);
      } catch (error) {
        scope.log.error({ err: error, method: surface.getPath() }, 'an answer could not be sent');
      }
    };
    const call = openCall(surface, scope);
    if (!(call instanceof ServerCall)) {
      answer(call);
      return;
    }
    serveSingle(run, method, call).then(
      (response) => {
        answer(null, response);
        call.end();
      },
      (error: unknown) => {
        answer(statusOf(error, call, scope));
        call.end();
      },
    );
  };
}

async function serveSingle(run: Method, method: MethodDefinition, call: ServerCall): Promise<unknown> {
  const { surface } = call;
  const input = method.requestStream
    ? requestStream(surface as ReadingCall, call)
    : takenRequest((surface as UnaryCall).request);
  return run(input, call);
}

/** Server-streaming and bidirectional methods. */
function streamHandler(run: Method, method: MethodDefinition, scope: CallScope) {
  return (surface: WritingCall): void => {
    const call = openStream(surface, scope);
    if (!(call instanceof ServerCall)) {
      surface.emit('error', call);
      return;
    }
    serveStream(run, method, call, scope).then(
      () => {
        if (!call.over) surface.end();
        call.end();
      },
      (error: unknown) => {
        const status = statusOf(error, call, scope);
        if (!call.over) surface.emit('error', status);
        call.end();
      },
    );
  };
}

async function serveStream(run: Method, method: MethodDefinition, call: ServerCall, scope: CallScope): Promise<void> {
  const surface = call.surface as WritingCall;
  const out = new CallResponseStream(call, surface, method.responseType, scope.slowReaders);
  const input = 'request' in surface ? takenRequest(surface.request) : requestStream(surface, call);
  await run(input, call, out);
}

/** Opens a call that may stay open, unless its connection hangs up too many of them. */
function openStream(surface: WritingCall, scope: CallScope): ServerCall | CallStatus {
  const connection = http2StreamOf(surface)?.session;
  try {
    if (connection !== undefined) scope.hangUps.check(connection);
  } catch (error) {
    return errorStatus(error as BerthError);
  }
  const call = openCall(surface, scope);
  if (call instanceof ServerCall) call.charged = connection;
  return call;
}

function openCall(surface: SurfaceCall, scope: CallScope): ServerCall | CallStatus {
  try {
    return new ServerCall(surface, scope);
  } catch (error) {
    if (error instanceof BerthError) return errorStatus(error);
    scope.log.error({ err: error, method: surface.getPath() }, 'a call could not be opened');
    return errorStatus(unexpectedError('unknown', error));
  }
}

function statusOf(error: unknown, call: ServerCall, scope: CallScope): CallStatus {
  if (error instanceof BerthError && error.reason !== 'INTERNAL') return errorStatus(error);
  // An abort that the end of the call caused is no fault, and nobody hears the status.
  if (!call.over)
    scope.log.error({ err: error, requestId: call.requestId, method: call.method }, 'a call failed unexpectedly');
  return errorStatus(unexpectedError(call.requestId, error));
}
