import { decodePageToken, pageSize } from '@berth/kernel';
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

/** The current leases, oldest grant first. Throws NO_SUCH_BENCH for a bench that is not there. */
export function listLeases(lab: Lab, request: ListLeasesRequest, call: CallContext): ListLeasesResponse {
  const { owner, bench, idsOnly } = request;
  const { state } = lab;
  const scope = ['ListLeases', lab.name, owner, bench, ...(idsOnly ? ['ids'] : [])];
  const after = Number(decodePageToken(request.pageToken, scope) ?? -1);
  const { messages, nextPageToken } = pageOf(request, {
    items: firstAfter(leasesOf(lab, bench, owner), after, pageSize(request.pageSize) + 1),
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
function* leasesOf({ state }: Lab, bench: string, owner: string): Iterable<Lease> {
  const { lease } = bench === '' ? {} : benchNamed(state, bench);
  const leases = bench === '' ? state.leases.values() : lease === undefined ? [] : [lease];
  for (const one of leases) if (owner === '' || one.owner === owner) yield one;
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
