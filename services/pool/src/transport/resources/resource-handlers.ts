import type { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import {
  DeleteResourcesRequest,
  ForgetResourceRequest,
  RetryDeleteRequest,
} from '@berth/proto/berth/pool/v1/pool_service';
import { Resource as ResourceMessage } from '@berth/proto/berth/pool/v1/resource';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { isOperator, itemBytes, parseRequest, requestKey, storePage } from '@berth/server';
import { deleteResources, forgetResource, retryDelete } from '../../app/command-resources.js';
import { findLeaks, findResources } from '../../app/find-resources.js';
import { findResource } from '../../app/read-log.js';
import type { ResourceContext } from '../../app/resource-context.js';
import type { RunLogs } from '../../app/run-logs.js';
import type { Resource } from '../../domain/resource.js';
import type { Found } from '../../ports/collections.js';
import { runOf } from '../pools/run-to-proto.js';
import { parseForget, parseNumber, parseStates, parseVictims } from './parse-resources.js';
import { resourceOf } from './resource-to-proto.js';

export interface ResourceHandlerContext extends ResourceContext {
  readonly logs: Pick<RunLogs, 'runsOf'>;
  /** The numbers of the tickets that have these leases, by lease. */
  readonly ticketsOf: (leaseIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

export type ResourceHandlers = Pick<
  ServiceImplementation<PoolServiceDefinition>,
  'listResources' | 'getResource' | 'deleteResources' | 'listLeaks' | 'retryDelete' | 'forgetResource'
>;

const resourceBytes = itemBytes(ResourceMessage);

/** The methods of PoolService for resources. */
export function resourceHandlers(context: () => ResourceHandlerContext): ResourceHandlers {
  /** Resources as they are told to a caller, with their tickets. */
  const messagesOf = async (resources: readonly Resource[], call: CallContext): Promise<ResourceMessage[]> => {
    const leases = resources.flatMap(({ lease }) => lease?.id ?? []);
    const tickets = leases.length === 0 ? new Map<string, number>() : await context().ticketsOf(leases);
    return resources.map((one) => resourceOf(one, isOperator(call), tickets.get(one.lease?.id ?? '')));
  };
  const messageOf = async (resource: Resource, call: CallContext) => (await messagesOf([resource], call))[0];
  const toldPage = async ({ documents, next }: Found<Resource>, call: CallContext) => {
    return {
      documents: await messagesOf(
        documents.map(({ value }) => value),
        call,
      ),
      next,
    };
  };

  return {
    async listResources(request, call) {
      const states = parseStates(request);
      const pool = request.pool || undefined;
      const { messages, nextPageToken } = await storePage(request, {
        read: async (limit, after) => toldPage(await findResources(context(), { pool, states, after, limit }), call),
        message: (message: ResourceMessage) => message,
        bytes: resourceBytes,
        scope: ['ListResources', pool, states],
      });
      return { resources: messages, nextPageToken };
    },

    async getResource(request, call) {
      parseRequest(request, (faults) => {
        faults.require('name', request.name);
      });
      const resource = await findResource(context().resources, request.name);
      const runs = await context().logs.runsOf(resource.number);
      return { resource: await messageOf(resource, call), runs: runs.map(runOf) };
    },

    async deleteResources(request, call) {
      const { victims, reason } = parseVictims(request);
      const key = requestKey('DeleteResources', DeleteResourcesRequest, request, call.caller);
      return { numbers: [...(await deleteResources(context(), victims, reason, key))] };
    },

    async listLeaks(request, call) {
      const pool = request.pool || undefined;
      const { messages, nextPageToken } = await storePage(request, {
        read: async (limit, after) => toldPage(await findLeaks(context(), { pool, after, limit }), call),
        message: (message: ResourceMessage) => message,
        bytes: resourceBytes,
        scope: ['ListLeaks', pool],
      });
      return { resources: messages, nextPageToken };
    },

    async retryDelete(request, call) {
      const number = parseNumber(request);
      const key = requestKey('RetryDelete', RetryDeleteRequest, request, call.caller);
      return { resource: await messageOf(await retryDelete(context(), number, key), call) };
    },

    async forgetResource(request, call) {
      const { number, reason } = parseForget(request);
      const key = requestKey('ForgetResource', ForgetResourceRequest, request, call.caller);
      return { resource: await messageOf(await forgetResource(context(), number, reason, key), call) };
    },
  };
}
