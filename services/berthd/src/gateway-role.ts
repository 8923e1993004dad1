import { createGatewayService } from '@berth/gateway';
import { ownAddress } from '@berth/server';
import type { Role, Wiring } from './role.js';
import { VERSION } from './version.js';

/** Opens the HTTP half of the gateway, which calls the roles at the gRPC address of this process. */
export function gatewayRole({ config, log, clock, identity, server, http }: Wiring): Promise<Role> {
  // Without an HTTP listener there is nothing to do beside the gRPC server.
  if (http === undefined) return Promise.resolve({ service: nothing });
  const service = createGatewayService({
    app: http.app,
    grpc: {
      address: () => ownAddress(server.address),
      secure: config.tls.cert !== undefined,
      secret: identity.secret ?? '',
    },
    clock,
    log,
    version: VERSION,
  });
  return Promise.resolve({ service: { name: 'gateway', start: () => service.start(), stop: () => service.stop() } });
}

const nothing = { name: 'gateway', start: () => Promise.resolve(), stop: () => Promise.resolve() };
