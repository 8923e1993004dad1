import { didYouMean } from '@berth/kernel';
import { httpError, isUnexpected } from '@berth/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { HungUpError, OpenCalls } from '../../http/open-calls.js';
import type { RouteDeps } from '../../ports/route-deps.js';
import { FAULT, XmlRpcFault } from './fault.js';
import { readBody } from './read-body.js';
import { readCall } from './read-call.js';
import { TICKET_METHODS } from './ticket-methods.js';
import { writeAnswer, type XmlRpcAnswer, writeFault } from './write-answer.js';

const READ_TYPES = ['text/xml', 'application/xml'];
const ANSWER_TYPE = 'text/xml; charset=utf-8';
/** A machine that went away without a word is noticed by TCP, so that its wait ends. */
const KEEPALIVE_MS = 60_000;

/**
 * XML-RPC for resalloc's clients, which change their URL only: `POST /RPC2` and `POST /`. Whatever fails in a call is a fault
 * with status 200, as the protocol has it; what is refused before the call is read (401, 403, 415) is answered as elsewhere.
 */
export function xmlRpcRoutes(app: FastifyInstance, deps: RouteDeps): Promise<void> {
  const served = { ...deps, calls: new OpenCalls(app.stopping) };
  app.removeAllContentTypeParsers();
  // As a stream: Fastify would answer a body that is too large while its client still sends.
  app.addContentTypeParser(READ_TYPES, (_request: FastifyRequest, body: Readable) => readBody(body));
  for (const url of ['/RPC2', '/']) {
    app.route({
      method: 'POST',
      url,
      handler: (request, reply) => handle(request, reply, served),
      errorHandler(error, _request, reply) {
        if (!(error instanceof XmlRpcFault)) throw error;
        void reply.type(ANSWER_TYPE).send(writeFault(error));
      },
    });
  }
  return Promise.resolve();
}

interface XmlRpcDeps extends RouteDeps {
  readonly calls: OpenCalls;
}

async function handle(request: FastifyRequest, reply: FastifyReply, deps: XmlRpcDeps): Promise<string> {
  const over = deps.calls.begin(reply);
  void reply.type(ANSWER_TYPE);
  try {
    return writeAnswer(await perform(request, deps, over));
  } catch (error) {
    if (isUnexpected(error) && !(error instanceof XmlRpcFault) && !(over.reason instanceof HungUpError)) {
      deps.log.error({ err: error, requestId: request.id }, 'a call of XML-RPC failed');
    }
    return writeFault(faultOf(error, request.id));
  }
}

async function perform(
  { body, caller, raw }: FastifyRequest,
  { roles }: RouteDeps,
  signal: AbortSignal,
): Promise<XmlRpcAnswer> {
  const { method: name, params } = readCall(body instanceof Uint8Array ? body : new Uint8Array());
  const method = Object.hasOwn(TICKET_METHODS, name) ? TICKET_METHODS[name] : undefined;
  if (method === undefined) {
    const names = Object.keys(TICKET_METHODS);
    const text = `there is no method '${name.slice(0, 64)}', only ${names.join(', ')}${didYouMean(name, names)}`;
    throw new XmlRpcFault(FAULT.NO_SUCH_METHOD, text);
  }
  if (method.waits) raw.socket.setKeepAlive(true, KEEPALIVE_MS);
  const berth = roles.for(caller, { own: method.waits });
  try {
    return await method.call({ berth, signal }, params);
  } finally {
    berth.close();
  }
}

/** The fault for an error: the number of its gRPC status, and its text with the reason at the end. */
function faultOf(error: unknown, requestId: string): XmlRpcFault {
  if (error instanceof XmlRpcFault) return error;
  const { code, message, details } = httpError(error, requestId).body;
  const info = details.find((detail): detail is { reason: string } => 'reason' in detail);
  return new XmlRpcFault(code, info === undefined ? message : `${message} [${info.reason}]`, { cause: error });
}
