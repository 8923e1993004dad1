import type { FastifyInstance } from 'fastify';
import { jsonRoutes } from './json/serve/json-routes.js';
import type { RouteDeps } from './ports/route-deps.js';
import { aglaisRoutes } from './routes/aglais/aglais-routes.js';
import { labRoutes } from './routes/lab/lab-routes.js';
import { machineRoutes } from './routes/machines/machine-routes.js';
import { xmlRpcRoutes } from './routes/xmlrpc/xmlrpc-routes.js';

/** Adds routes to an HTTP server. */
export type Routes = (app: FastifyInstance, deps: RouteDeps) => Promise<void>;

/** All routes of the gateway; the more particular ones are found first, in whatever order they are added. */
const ROUTES: readonly Routes[] = [jsonRoutes, labRoutes, aglaisRoutes, machineRoutes, xmlRpcRoutes];

/** Adds every route, each set in a room of its own, so that what one sets up for itself does not touch the others. */
export function addRoutes(app: FastifyInstance, deps: RouteDeps): void {
  for (const routes of ROUTES) void app.register(async (room) => routes(room, deps));
}
