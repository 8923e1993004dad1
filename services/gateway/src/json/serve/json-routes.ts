import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BerthError, invalidField } from '@berth/kernel';
import { methodNotAllowed, noSuchPath } from '@berth/server';
import { JSON_TYPE } from '../../http/json-answer.js';
import { HungUpError, OpenCalls } from '../../http/open-calls.js';
import type { RouteDeps } from '../../ports/route-deps.js';
import { loadDescriptorSet } from '../descriptors/descriptor-set.js';
import type { Endpoints } from '../endpoints.js';
import { endpointsOf } from '../endpoints.js';
import { openApi } from '../openapi/open-api.js';
import { grpcTimeoutMs } from './grpc-timeout.js';
import type { HttpCall } from './http-call.js';
import { serveRequestStream, serveStream } from './serve-stream.js';
import { serveUnary } from './serve-unary.js';

/** Where all rules of the protos are. */
const PREFIX = '/v1/';
const CLIENT_CLOSED_REQUEST = 499;

/**
 * All RPCs over HTTP/JSON, by the `google.api.http` rules of the protos. The descriptors are read at the first request: that
 * takes as long as the rest of a start.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a plugin of Fastify is a function that returns a promise
export async function jsonRoutes(app: FastifyInstance, deps: RouteDeps): Promise<void> {
  let loading: Promise<Endpoints> | undefined;
  const load = (): Promise<Endpoints> =>
    (loading ??= loadEndpoints(app).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  let endpoints: Endpoints | undefined;
  const served = { ...deps, calls: new OpenCalls(app.stopping) };
  // Bodies are read by hand: as JSON with the place of a fault, or line by line.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${PREFIX}*`,
    config: { slowBody: true },
    handler: async (request, reply) => serve((endpoints ??= await load()), request, reply, served),
  });
  let document: string | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(openApi(endpointsOf(await loadDescriptorSet({ comments: true })), deps.version));
    return reply.type(JSON_TYPE).send(document);
  });
}

interface ServeDeps extends RouteDeps {
  readonly calls: OpenCalls;
}

async function loadEndpoints(app: FastifyInstance): Promise<Endpoints> {
  const endpoints = endpointsOf(await loadDescriptorSet());
  app.known.paths.push(...new Set(endpoints.list.map(({ binding }) => binding.template.text)));
  return endpoints;
}

async function serve(
  endpoints: Endpoints,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ServeDeps,
): Promise<FastifyReply> {
  const call = callOf(endpoints, request, reply, deps.calls);
  const { requestStream, responseStream } = call.endpoint;
  try {
    if (responseStream) return await serveStream(call, deps);
    return await (requestStream ? serveRequestStream(call, deps) : serveUnary(call, deps));
  } catch (error) {
    // Only the log sees this status.
    if (call.options.signal.reason instanceof HungUpError) return reply.code(CLIENT_CLOSED_REQUEST).send();
    throw error;
  }
}

function callOf({ table }: Endpoints, request: FastifyRequest, reply: FastifyReply, calls: OpenCalls): HttpCall {
  const [path, query] = splitOnce(request.raw.url ?? '', '?');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = table.find(method, path);
  // What is posted to an unknown verb is never meant for a name with a colon in it.
  const isUnknownVerb = found.kind === 'wrong_method' && method === 'POST' && /:[^/]*$/.test(path);
  if (found.kind === 'nothing' || isUnknownVerb) throw noSuchPath(path, table.candidates(path));
  if (found.kind === 'wrong_method') throw methodNotAllowed(request.method, path, found.allowed);
  const { target: endpoint, variables } = found;
  if (request.method === 'HEAD' && endpoint.responseStream) throw methodNotAllowed('HEAD', path, ['GET']);
  requirePlainBody(request);
  const deadlineMs = grpcTimeoutMs(header(request, 'grpc-timeout'));
  const options = { caller: request.caller, deadlineMs, signal: calls.begin(reply) };
  return { endpoint, request, reply, variables, query, options };
}

function requirePlainBody(request: FastifyRequest): void {
  const encoding = header(request, 'content-encoding');
  if (encoding === undefined || encoding === 'identity') return;
  throw new BerthError(
    'UNSUPPORTED_MEDIA',
    `a body with content-encoding ${encoding} is not read here; send it as it is`,
    {
      fields: [{ field: 'header.content-encoding', description: 'must be absent or identity' }],
    },
  );
}

function header({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  if (Array.isArray(value)) throw invalidField(`header.${name}`, 'is given twice');
  return value;
}

function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}
