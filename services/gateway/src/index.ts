import type { Clock, Logger } from '@berth/kernel';
import type { FastifyInstance } from 'fastify';
import type { GrpcRolesOptions } from './remote/grpc-roles.js';
import { GrpcRoles } from './remote/grpc-roles.js';
import { addRoutes } from './routes.js';

export interface GatewayServiceDeps {
  /** Where routes are added; it must not listen yet. */
  readonly app: FastifyInstance;
  /** The gRPC address at which the roles are called. */
  readonly grpc: GrpcRolesOptions;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The HTTP half of the gateway: its routes are there as soon as it was made. */
export interface GatewayService {
  start(): Promise<void>;
  /** Closes its connections to the roles. */
  stop(): Promise<void>;
}

/** Serves the roles over HTTP. */
export function createGatewayService({ app, grpc, clock, log }: GatewayServiceDeps): GatewayService {
  const roles = new GrpcRoles(grpc);
  addRoutes(app, { roles, clock, log });
  return {
    start: () => Promise.resolve(),
    stop: () => {
      roles.close();
      return Promise.resolve();
    },
  };
}
