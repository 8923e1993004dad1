import { BerthError as ClientError, type Kind } from '@berth/client';
import { RESERVED_PATHS } from '@berth/kernel';
import { Faults, httpError, isUnexpected, methodNotAllowed } from '@berth/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDeps } from '../../ports/route-deps.js';
import { JSON_TYPE, lineOf } from '../../http/json-answer.js';
import { queryOf, readParameters } from '../parameters.js';
import { bodyOf, type RawBody, takeRawBodies } from '../raw-body.js';
import { eveError } from './eve-error.js';
import { etagHeader } from './etags.js';
import { deleteRecord, patchRecord, putRecord, readRecord } from './item-answers.js';
import { createRecords, listRecords } from './list-answers.js';
import type { RecordAnswer, RecordCall } from './record-call.js';

/** One thing that can be done with the records of any kind. */
export interface RecordRoute {
  readonly method: (typeof METHODS)[number];
  readonly url: '/:kind' | '/:kind/:name';
  /** The parameters that its URL may have. */
  readonly parameters: readonly string[];
  readonly answer: (call: RecordCall) => Promise<RecordAnswer>;
}

const LIST = '/:kind';
const ITEM = '/:kind/:name';

/** What can be done with the records of any kind, in the manner of python-eve. */
export const RECORD_ROUTES: readonly RecordRoute[] = [
  { method: 'GET', url: LIST, parameters: ['where', 'sort', 'page', 'max_results'], answer: listRecords },
  { method: 'POST', url: LIST, parameters: ['request_id'], answer: createRecords },
  { method: 'GET', url: ITEM, parameters: [], answer: readRecord },
  { method: 'PUT', url: ITEM, parameters: ['request_id'], answer: putRecord },
  { method: 'PATCH', url: ITEM, parameters: ['request_id'], answer: patchRecord },
  { method: 'DELETE', url: ITEM, parameters: ['request_id'], answer: deleteRecord },
];

/** Kinds that are served in any case, for what is said of an unknown path. */
const USUAL_KINDS = ['machines', 'public-addresses', 'private-addresses', 'address-ranges'];
/** Eve takes a slash at the end of a list's path. */
const PATHS = { [LIST]: [LIST, `${LIST}/`], [ITEM]: [ITEM] } as const;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const KIND_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * The records of every kind that the tracker knows at the time, at `/KIND` and `/KIND/NAME`, as python-eve serves them: so
 * that clients of ResourceManager change their address only. Kinds whose names are paths of something else are not served.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- every set of routes gives a promise
export async function machineRoutes(app: FastifyInstance, deps: RouteDeps): Promise<void> {
  takeRawBodies(app);
  app.known.paths.push(...USUAL_KINDS.flatMap((kind) => [`/${kind}`, `/${kind}/{name}`]));
  for (const url of [LIST, ITEM] as const) {
    const routes = RECORD_ROUTES.filter((route) => route.url === url);
    for (const path of PATHS[url]) {
      for (const route of routes) serveRoute(app, deps, path, route);
      refuseOthers(app, deps, path, ['HEAD', ...routes.map(({ method }) => method)].sort());
    }
  }
}

function serveRoute(app: FastifyInstance, deps: RouteDeps, url: string, route: RecordRoute): void {
  app.route<RecordRequest>({
    method: route.method,
    url,
    exposeHeadRoute: route.method === 'GET',
    handler: (request, reply) =>
      serve(request, reply, deps, (records, kind) => answerOf(request, route, records, kind)),
  });
}

/** Refuses what cannot be done with records, but only where there are records. */
function refuseOthers(app: FastifyInstance, deps: RouteDeps, url: string, taken: readonly string[]): void {
  app.route<RecordRequest>({
    method: METHODS.filter((method) => !taken.includes(method)),
    url,
    handler: (request, reply) =>
      serve(request, reply, deps, () => {
        throw methodNotAllowed(request.method, pathOf(request), taken);
      }),
  });
}

interface RecordRequest {
  Params: { readonly kind: string; readonly name?: string };
}

type Records = RecordCall['records'];

/** Answers a request about a kind that there is; others are for whoever answers requests for nothing. */
async function serve(
  request: FastifyRequest<RecordRequest>,
  reply: FastifyReply,
  { roles }: RouteDeps,
  answer: (records: Records, kind: Kind) => Promise<RecordAnswer>,
): Promise<FastifyReply> {
  let answered: RecordAnswer | undefined;
  try {
    const { records } = roles.for(request.caller);
    const kind = await kindNamed(records, request.params.kind);
    if (kind !== undefined) answered = await answer(records, kind);
  } catch (error) {
    if (isUnexpected(error)) throw error;
    return sendError(request, reply, error);
  }
  if (answered !== undefined) return send(reply, answered);
  reply.callNotFound();
  return reply;
}

/** The kind of this name, if its records are served here. */
async function kindNamed(records: Records, name: string): Promise<Kind | undefined> {
  if (!KIND_NAME.test(name) || RESERVED_PATHS.includes(name)) return undefined;
  try {
    return (await records.describeKind({ kind: name })).kind;
  } catch (error) {
    if (error instanceof ClientError && error.reason === 'NO_SUCH_KIND') return undefined;
    throw error;
  }
}

async function answerOf(
  request: FastifyRequest<RecordRequest>,
  { parameters, answer }: RecordRoute,
  records: Records,
  kind: Kind,
): Promise<RecordAnswer> {
  const { headers, params } = request;
  const faults = new Faults();
  const query = queryOf(request);
  const given = readParameters(query, { type: 'none' }, parameters, faults);
  faults.throwIfAny();
  const body = (): RawBody => bodyOf(request);
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return answer({ records, kind, name: params.name ?? '', given, query, body, ifMatch, ifNoneMatch, faults });
}

function send(reply: FastifyReply, { status, body, etag, location }: RecordAnswer): FastifyReply {
  if (etag !== undefined) void reply.header('etag', etagHeader(etag));
  if (location !== undefined) void reply.header('location', location);
  void reply.code(status);
  return body === undefined ? reply.send() : reply.type(JSON_TYPE).send(lineOf(body));
}

function sendError(request: FastifyRequest<RecordRequest>, reply: FastifyReply, error: unknown): FastifyReply {
  const http = httpError(error, request.id);
  const { status, body } = eveError(http, sentCount(request));
  void reply.headers(http.headers);
  return reply.code(status).type(JSON_TYPE).send(lineOf(body));
}

/** How many documents the list in the body has; undefined when it is none. */
function sentCount(request: FastifyRequest): number | undefined {
  try {
    const body = bodyOf(request);
    return body.type === 'json' && Array.isArray(body.value) ? body.value.length : undefined;
  } catch {
    return undefined;
  }
}

function pathOf({ url }: { readonly url: string }): string {
  return url.split('?', 1)[0] ?? url;
}
