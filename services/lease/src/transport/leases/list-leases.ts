import { decodePageToken, invalidField, pageSize } from '@berth/kernel';
import { Lease as LeaseMessage, QueuedRequest } from '@berth/proto/berth/lease/v1/lease';
import type {
  ListLeasesRequest,
  ListLeasesResponse,
  ListQueueRequest,
  ListQueueResponse,
} from '@berth/proto/berth/lease/v1/lease_service';
import type { CallContext } from '@berth/server';
import { pageOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Lease, Waiting } from '../../domain/index.js';
import { benchNamed } from '../../domain/index.js';
import { sees } from '../access.js';
import { firstAfter } from './first-after.js';
import { leaseOf } from './lease-to-proto.js';
import { queuedRequestOf } from './queue-to-proto.js';

/** Leases that may be asked for by their ids at once. */
const MOST_IDS = 1000;

/** The current leases, oldest grant first. Throws INVALID_FIELD, and NO_SUCH_BENCH for a bench that is not there. */
export function listLeases(lab: Lab, request: ListLeasesRequest, call: CallContext): ListLeasesResponse {
  const { owner, bench, idsOnly, leaseIds } = request;
  const { state } = lab;
  if (leaseIds.length > MOST_IDS)
    throw invalidField('lease_ids', `has ${leaseIds.length} ids; allowed are ${MOST_IDS}`);
  const scope = ['ListLeases', lab.name, owner, bench, ...(idsOnly ? ['ids'] : []), ...leaseIds];
  const after = Number(decodePageToken(request.pageToken, scope) ?? -1);
  const page = { pageToken: request.pageToken, pageSize: request.pageSize || leaseIds.length };
  const { messages, nextPageToken } = pageOf(page, {
    items: firstAfter(leasesOf(lab, request), after, pageSize(page.pageSize) + 1),
    keyOf: (lease) => String(lease.token),
    isAfter: (lease, key) => lease.token > Number(key),
    message: (lease) =>
      idsOnly ? LeaseMessage.create({ id: lease.id }) : leaseOf(lab, lease, sees(call, lease.owner)),
    bytes: (message) => (idsOnly ? message.id.length : LeaseMessage.encode(message).finish().length),
    scope,
  });
  return { leases: messages, nextPageToken, revision: state.revision };
}

/** In any order. */
function* leasesOf({ state }: Lab, { bench, owner, leaseIds }: ListLeasesRequest): Iterable<Lease> {
  const held = bench === '' ? undefined : [benchNamed(state, bench).lease];
  const asked = leaseIds.length === 0 ? undefined : new Set(leaseIds);
  for (const lease of held ?? (asked && [...asked].map((id) => state.leases.get(id))) ?? state.leases.values()) {
    if (lease !== undefined && (owner === '' || lease.owner === owner) && (asked?.has(lease.id) ?? true)) yield lease;
  }
}

/** The waiting requests, best first. Throws NO_SUCH_BENCH for a bench that is not there. */
export function listQueue(lab: Lab, request: ListQueueRequest): ListQueueResponse {
  const { owner, bench: name } = request;
  const { state } = lab;
  const bench = name === '' ? undefined : benchNamed(state, name);
  const wanted = ({ spec, demand }: Waiting): boolean =>
    (owner === '' || spec.owner === owner) && (bench === undefined || demand.benches.has(bench));
  const { messages, nextPageToken } = pageOf(request, {
    items: [...state.queue].filter(wanted),
    keyOf: ({ score, order }) => `${score} ${order}`,
    isAfter: ({ score, order }, key) => {
      const [lastScore = 0, lastOrder = 0] = key.split(' ').map(Number);
      return score > lastScore || (score === lastScore && order > lastOrder);
    },
    message: (waiting) => queuedRequestOf(lab, waiting),
    bytes: (message) => QueuedRequest.encode(message).finish().length,
    scope: ['ListQueue', lab.name, owner, name],
  });
  return { requests: messages, nextPageToken, revision: state.revision, waiting: state.requests.size };
}
