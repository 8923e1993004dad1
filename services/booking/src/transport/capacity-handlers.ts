import {
  Cluster as ClusterMessage,
  Grant as GrantMessage,
  Size as SizeMessage,
  Template as TemplateMessage,
} from '@berth/proto/berth/booking/v1/cluster';
import type { CapacityServiceDefinition } from '@berth/proto/berth/booking/v1/capacity_service';
import * as messages from '@berth/proto/berth/booking/v1/capacity_service';
import type { ServiceImplementation } from '@berth/server';
import { itemBytes, pageOf, parseRequest, requireRole, storePage } from '@berth/server';
import type { Cluster } from '../domain/model/cluster.js';
import type { HandlerContext } from './calls.js';
import { callOf, parseId, requireForce, whole } from './calls.js';
import { clusterOf, grantOf, sizeOf, templateOf } from './capacity-to-proto.js';
import { parseWhenFull } from './parse-booking.js';
import {
  parseCluster,
  parseClusterPatch,
  parseGrant,
  parseGrantPatch,
  parseHide,
  parseResize,
  parseTemplate,
} from './parse-capacity.js';
import { parseGrantFilter, parseSizes } from './parse-queries.js';
import { checkCluster, clusterNameFault, wordFault } from './parse-values.js';

type CapacityHandlers = ServiceImplementation<CapacityServiceDefinition>;

type ClusterHandlers = Pick<
  CapacityHandlers,
  'createCluster' | 'getCluster' | 'listClusters' | 'updateCluster' | 'deleteCluster' | 'resizeCluster' | 'listSizes'
>;

const clusterBytes = itemBytes(ClusterMessage);
const sizeBytes = itemBytes(SizeMessage);
const grantBytes = itemBytes(GrantMessage);
const templateBytes = itemBytes(TemplateMessage);
const MOST_BLOCKS_A_PAGE = 1000;

/** All methods of CapacityService. */
export function capacityHandlers(context: () => HandlerContext): CapacityHandlers {
  return { ...clusterHandlers(context), ...grantHandlers(context), ...templateHandlers(context) };
}

function clusterHandlers(context: () => HandlerContext): ClusterHandlers {
  const tellAll = async (clusters: readonly Cluster[]): Promise<ClusterMessage[]> => {
    const { uses, clock } = context();
    const states = await uses.clusterStates(clusters);
    const nowMs = clock.now();
    return clusters.map((cluster, i) => clusterOf(cluster, states[i] ?? 'OPEN', nowMs));
  };
  const tell = async (cluster: Cluster) => ({ cluster: (await tellAll([cluster]))[0] });

  return {
    async createCluster(request, call) {
      const { cluster, whenFull } = parseRequest(request, (faults) => ({
        cluster: parseCluster(request.cluster, 'cluster', faults),
        whenFull: parseWhenFull(request.whenFull, 'when_full', faults),
      }));
      const input = whole(cluster);
      if (input.parent === '') requireRole(call, 'operator', 'make a root cluster');
      const asked = callOf('CreateCluster', messages.CreateClusterRequest, request, call);
      return tell(await context().uses.createCluster({ ...input, whenFull }, asked));
    },

    async getCluster(request) {
      parseName(request);
      return tell(await context().uses.getCluster(request.name));
    },

    async listClusters(request) {
      const { parent, showClosed: closed } = request;
      parseRequest(request, (faults) => {
        checkCluster(parent, 'parent', faults);
      });
      const filter = { parent, owner: '', closed };
      const { messages: clusters, nextPageToken } = await storePage(request, {
        read: async (limit, after) => {
          const { documents, next } = await context().uses.listClusters(filter, { limit, after });
          return { documents: await tellAll(documents), next };
        },
        message: (told: ClusterMessage) => told,
        bytes: clusterBytes,
        scope: ['ListClusters', filter],
      });
      return { clusters, nextPageToken };
    },

    async updateCluster(request, call) {
      const patch = parseRequest(request, (faults) => parseClusterPatch(request, faults));
      const { name, etag } = whole(request.cluster);
      const asked = callOf('UpdateCluster', messages.UpdateClusterRequest, request, call);
      return tell(await context().uses.updateCluster({ name, etag, patch }, asked));
    },

    async deleteCluster(request, call) {
      const { name, etag, force } = parseName(request);
      const asked = callOf('DeleteCluster', messages.DeleteClusterRequest, request, call);
      return tell(await context().uses.deleteCluster({ name, etag, force }, asked));
    },

    async resizeCluster(request, call) {
      requireForce(request.force, call);
      const { name, etag, force } = request;
      const size = parseRequest(request, (faults) => parseResize(request, faults));
      const asked = callOf('ResizeCluster', messages.ResizeClusterRequest, request, call);
      return tell(await context().uses.resizeCluster({ name, etag, force, ...size }, asked));
    },

    async listSizes(request) {
      const input = parseRequest(request, (faults) => parseSizes(request, faults));
      const sizes = [...(await context().uses.listSizes(input)).entries()];
      const pageSize = request.pageSize === 0 && input.grid ? MOST_BLOCKS_A_PAGE : request.pageSize;
      const { messages: page, nextPageToken } = pageOf(
        { ...request, pageSize },
        {
          items: sizes,
          keyOf: ([place]) => String(place),
          isAfter: ([place], key) => place > Number(key),
          message: ([, size]) => sizeOf(size),
          bytes: sizeBytes,
          scope: ['ListSizes', input],
        },
      );
      return { sizes: page, nextPageToken };
    },
  };
}

type GrantHandlers = Pick<
  CapacityHandlers,
  'createGrant' | 'getGrant' | 'listGrants' | 'updateGrant' | 'deleteGrant' | 'createMaintenance'
>;

function grantHandlers(context: () => HandlerContext): GrantHandlers {
  return {
    async createGrant(request, call) {
      const grant = parseRequest(request, (faults) => parseGrant(request.grant, 'capacity', 'grant', faults));
      const asked = callOf('CreateGrant', messages.CreateGrantRequest, request, call);
      return { grant: grantOf(await context().uses.createGrant(whole(grant), asked)) };
    },

    async getGrant(request) {
      parseId(request);
      return { grant: grantOf(await context().uses.getGrant(request.id)) };
    },

    async listGrants(request) {
      const filter = parseRequest(request, (faults) => parseGrantFilter(request, faults));
      const { messages: grants, nextPageToken } = await storePage(request, {
        read: (limit, after) => context().uses.listGrants(filter, { limit, after }),
        message: grantOf,
        bytes: grantBytes,
        scope: ['ListGrants', filter],
      });
      return { grants, nextPageToken };
    },

    async updateGrant(request, call) {
      const { force } = request;
      const patch = parseRequest(request, (faults) => parseGrantPatch(request, faults));
      const { id, etag } = whole(request.grant);
      const asked = callOf('UpdateGrant', messages.UpdateGrantRequest, request, call);
      return { grant: grantOf(await context().uses.updateGrant({ id, etag, patch, force }, asked)) };
    },

    async deleteGrant(request, call) {
      const { id, etag, force } = parseId(request);
      const asked = callOf('DeleteGrant', messages.DeleteGrantRequest, request, call);
      return { grant: grantOf(await context().uses.deleteGrant({ id, etag, force }, asked)) };
    },

    async createMaintenance(request, call) {
      const grant = parseRequest(request, (faults) =>
        parseGrant(request.maintenance, 'maintenance', 'maintenance', faults),
      );
      const asked = callOf('CreateMaintenance', messages.CreateMaintenanceRequest, request, call);
      return { maintenance: grantOf(await context().uses.createGrant(whole(grant), asked)) };
    },
  };
}

type TemplateHandlers = Pick<CapacityHandlers, 'createTemplate' | 'listTemplates' | 'hideTemplate'>;

function templateHandlers(context: () => HandlerContext): TemplateHandlers {
  return {
    async createTemplate(request, call) {
      const template = parseRequest(request, (faults) => parseTemplate(request, faults));
      const asked = callOf('CreateTemplate', messages.CreateTemplateRequest, request, call);
      return { template: templateOf(await context().uses.createTemplate(template, asked)) };
    },

    async listTemplates(request) {
      const { name, showHidden: hidden } = request;
      parseRequest(request, (faults) => {
        if (name !== '') faults.check('name', wordFault(name));
      });
      const { messages: templates, nextPageToken } = await storePage(request, {
        read: (limit, after) => context().uses.listTemplates({ name, hidden }, { limit, after }),
        message: templateOf,
        bytes: templateBytes,
        scope: ['ListTemplates', name, hidden],
      });
      return { templates, nextPageToken };
    },

    async hideTemplate(request, call) {
      const input = parseRequest(request, (faults) => parseHide(request, faults));
      const asked = callOf('HideTemplate', messages.HideTemplateRequest, request, call);
      return { template: templateOf(await context().uses.hideTemplate(input, asked)) };
    },
  };
}

function parseName<R extends { readonly name: string }>(request: R): R {
  return parseRequest(request, (faults) => {
    faults.require('name', request.name, clusterNameFault);
    return request;
  });
}
