import type { FastifyInstance } from 'fastify';
import type { RouteDeps } from '../../ports/route-deps.js';
import { inventoryRoute } from './inventory-route.js';
import { lockRoute } from './lock-route.js';
import { pageRoute } from './page-route.js';

/** The routes that need nothing but curl: a lock that is a connection, an inventory file, and a look at the lab. */
export async function labRoutes(app: FastifyInstance, { roles, clock }: RouteDeps): Promise<void> {
  pageRoute(app, roles, clock);
  // Each reads bodies in its own way.
  await app.register((room, _options, done) => {
    lockRoute(room, roles);
    done();
  });
  await app.register((room, _options, done) => {
    inventoryRoute(room, roles);
    done();
  });
}
