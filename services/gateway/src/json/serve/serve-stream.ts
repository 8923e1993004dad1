import type { FastifyReply } from 'fastify';
import { BerthError } from '@berth/kernel';
import { httpError, isUnexpected } from '@berth/server';
import { sendLines } from '../../http/send-lines.js';
import type { RouteDeps } from '../../ports/route-deps.js';
import { parseJson, utf8Text } from '../request/parse-json.js';
import type { HttpCall } from './http-call.js';
import { requestBytes } from './http-call.js';
import { hasBody } from './read-body.js';
import { requestLines } from './request-lines.js';
import { jsonBody, sendJson } from './serve-unary.js';

/** Serves a method that streams answers: a line `{"result": …}` each, and `{"error": …}` at the end if it failed. */
export async function serveStream(call: HttpCall, deps: RouteDeps): Promise<FastifyReply> {
  const { endpoint, request, reply, options } = call;
  const requests = await requestsOf(call);
  await sendLines(request, reply, {
    async *lines() {
      for await (const bytes of deps.roles.stream(endpoint.path, requests, options)) {
        yield `{"result":${endpoint.responseText(bytes)}}`;
      }
    },
    errorLine: (error) => {
      if (isUnexpected(error))
        deps.log.error({ err: error, requestId: request.id, path: endpoint.path }, 'a stream failed');
      return JSON.stringify({ error: httpError(error, request.id).body });
    },
    clock: deps.clock,
  });
  return reply;
}

/** Serves a method that takes a stream of requests and gives one answer. */
export async function serveRequestStream(call: HttpCall, { roles }: Pick<RouteDeps, 'roles'>): Promise<FastifyReply> {
  const { endpoint, reply, options } = call;
  for await (const answer of roles.stream(endpoint.path, await requestsOf(call), options)) {
    return sendJson(reply, endpoint.responseText(answer));
  }
  throw new BerthError('INTERNAL', `${endpoint.path} ended without an answer`);
}

async function requestsOf(call: HttpCall): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const { endpoint, request, reply } = call;
  if (!endpoint.requestStream) return requestBytes(call, hasBody(request.raw) ? await jsonBody(call) : undefined);
  // The answer may end before the body: then the connection is of no further use.
  void reply.header('connection', 'close');
  return requestMessages(call);
}

async function* requestMessages({ endpoint, request, query }: HttpCall): AsyncGenerator<Uint8Array, void> {
  endpoint.reader.requireNoParameters(query);
  for await (const { bytes, number } of requestLines(request.raw, request.routeOptions.bodyLimit)) {
    const what = `line ${String(number)} of the body`;
    yield endpoint.reader.readLine(parseJson(utf8Text(bytes, what), what));
  }
}
