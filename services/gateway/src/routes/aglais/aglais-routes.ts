import { Faults, httpError, isUnexpected } from '@berth/server';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { RouteDeps } from '../../ports/route-deps.js';
import { JSON_TYPE, lineOf } from '../../http/json-answer.js';
import { parametersOf } from '../parameters.js';
import { takeRawBodies } from '../raw-body.js';
import { wantsCsv } from './accept.js';
import type { AglaisAnswer, AglaisCall } from './aglais-call.js';
import { BOOKING_PARAMETERS, createBooking } from './bookings.js';
import { CLUSTER_PARAMETERS, createCluster, createMagcluster, MAGCLUSTER_PARAMETERS, readCluster } from './clusters.js';
import { createGrant, deleteQuota, QUOTA_PARAMETERS, readQuota } from './grants.js';
import { noRoomBody, statusOf } from './no-room.js';
import { csvText } from './rows.js';
import { quotaRows, RANGE, selectRows } from './selects.js';
import { clusterSizes } from './sizes.js';

/** One request of this API. */
export interface AglaisRoute {
  readonly method: HTTPMethods;
  /** `:id` is one segment, `*` the rest of the path. */
  readonly url: string;
  readonly parameters: readonly string[];
  readonly answer: (call: AglaisCall) => Promise<AglaisAnswer>;
}

const SELECT = [...RANGE, 'clusterid'];

/** What is granted, booked and left over time, in the manner of Aglais. */
export const AGLAIS_ROUTES: readonly AglaisRoute[] = [
  { method: 'GET', url: '/resources/select', parameters: SELECT, answer: selectRows('granted') },
  { method: 'GET', url: '/bookings/select', parameters: SELECT, answer: selectRows('booked') },
  { method: 'GET', url: '/available/select', parameters: SELECT, answer: selectRows('worst') },
  { method: 'POST', url: '/resources/create', parameters: [...QUOTA_PARAMETERS, 'clusterid'], answer: createGrant },
  { method: 'POST', url: '/bookings/create', parameters: BOOKING_PARAMETERS, answer: createBooking },
  { method: 'POST', url: '/clusters/create', parameters: CLUSTER_PARAMETERS, answer: createCluster },
  { method: 'GET', url: '/novaquota/allocated', parameters: RANGE, answer: quotaRows('granted') },
  { method: 'GET', url: '/novaquota/available', parameters: RANGE, answer: quotaRows('worst') },
  { method: 'POST', url: '/novaquota/create', parameters: QUOTA_PARAMETERS, answer: createGrant },
  { method: 'GET', url: '/novaquota/:id', parameters: [], answer: readQuota },
  { method: 'DELETE', url: '/novaquota/:id', parameters: ['force', 'request_id'], answer: deleteQuota },
  { method: 'POST', url: '/magcluster/create', parameters: MAGCLUSTER_PARAMETERS, answer: createMagcluster },
  { method: 'GET', url: '/magcluster/sizes', parameters: SELECT, answer: clusterSizes },
  { method: 'GET', url: '/magcluster/*', parameters: [], answer: readCluster },
];

/** Capacity over time as Aglais' resource booking has it. */
// eslint-disable-next-line @typescript-eslint/require-await -- every set of routes gives a promise
export async function aglaisRoutes(app: FastifyInstance, deps: RouteDeps): Promise<void> {
  takeRawBodies(app);
  app.known.paths.push('/magcluster/{id}');
  for (const route of AGLAIS_ROUTES) {
    app.route<AglaisRequest>({
      method: route.method,
      url: route.url,
      handler: (request, reply) => serve(request, reply, deps, route),
    });
  }
}

interface AglaisRequest {
  Params: { readonly id?: string; readonly '*'?: string };
}

async function serve(
  request: FastifyRequest<AglaisRequest>,
  reply: FastifyReply,
  { roles, clock }: RouteDeps,
  { parameters, answer }: AglaisRoute,
): Promise<FastifyReply> {
  let answered: AglaisAnswer;
  try {
    const { caller, params } = request;
    const faults = new Faults();
    const given = parametersOf(request, parameters, faults);
    faults.throwIfAny();
    const id = params.id ?? params['*'] ?? '';
    answered = await answer({ berth: roles.for(caller), clock, caller: caller.name, given, id, faults });
  } catch (error) {
    if (isUnexpected(error)) throw error;
    const { headers, ...http } = httpError(error, request.id);
    void reply.headers(headers);
    return reply
      .code(statusOf(http))
      .type(JSON_TYPE)
      .send(lineOf(noRoomBody(http)));
  }
  return send(request, reply, answered);
}

const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

function send(request: FastifyRequest<AglaisRequest>, reply: FastifyReply, answer: AglaisAnswer): FastifyReply {
  if (!('rows' in answer)) return reply.code(answer.status).type(JSON_TYPE).send(lineOf(answer.body));
  void reply.header('vary', 'accept');
  if (wantsCsv(request.headers.accept)) return reply.type(CSV_TYPE).send(csvText(answer.rows));
  return reply.type(JSON_TYPE).send(lineOf(answer.rows.rows));
}
