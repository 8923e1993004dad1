import type { FastifyReply } from 'fastify';
import type { JsonValue } from '@bufbuild/protobuf';
import { boundPauses } from '@berth/server';
import { JSON_TYPE } from '../../http/json-answer.js';
import type { RouteDeps } from '../../ports/route-deps.js';
import { parseJson, utf8Text } from '../request/parse-json.js';
import type { HttpCall } from './http-call.js';
import { requestBytes } from './http-call.js';
import { hasBody, readBody } from './read-body.js';

/** Serves a method with one request and one answer. */
export async function serveUnary(call: HttpCall, { roles }: Pick<RouteDeps, 'roles'>): Promise<FastifyReply> {
  const { endpoint, reply, options } = call;
  const body = hasBody(call.request.raw) ? await jsonBody(call) : undefined;
  const answer = await roles.unary(endpoint.path, requestBytes(call, body), options);
  return sendJson(reply, endpoint.responseText(answer));
}

/** Sends the JSON text of an answer. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type(JSON_TYPE).send(`${json}\n`);
}

/** The value of a call's body; undefined for one of nothing but space. Throws MALFORMED_REQUEST and MESSAGE_TOO_LARGE. */
export async function jsonBody({ request }: HttpCall): Promise<JsonValue | undefined> {
  boundPauses(request);
  const bytes = await readBody(request.raw, request.routeOptions.bodyLimit);
  const text = utf8Text(bytes, 'the body');
  return text.trim() === '' ? undefined : parseJson(text, 'the body');
}
