import type { FastifyInstance } from 'fastify';
import type { RouteDeps } from './ports/route-deps.js';
import type { GrpcRolesOptions } from './remote/grpc-roles.js';
import { GrpcRoles } from './remote/grpc-roles.js';
import { addRoutes } from './routes.js';

export type { RoleProxy, RoleProxyOptions } from './proxy/create-proxy.js';
export { createRoleProxy } from './proxy/create-proxy.js';

export interface GatewayServiceDeps extends Omit<RouteDeps, 'roles'> {
  /** Where routes are added; it must not listen yet. */
  readonly app: FastifyInstance;
  /** The gRPC address at which the roles are called. */
  readonly grpc: GrpcRolesOptions;
}

/** The HTTP half of the gateway: its routes are there as soon as it was made. */
export interface GatewayService {
  start(): Promise<void>;
  /** Closes its connections to the roles. */
  stop(): Promise<void>;
}

/** Serves the roles over HTTP. */
export function createGatewayService({ app, grpc, clock, log, version }: GatewayServiceDeps): GatewayService {
  const roles = new GrpcRoles(grpc);
  addRoutes(app, { roles, clock, log, version });
  return {
    start: () => Promise.resolve(),
    stop: () => {
      roles.close();
      return Promise.resolve();
    },
  };
}
