import type { RoleProxy } from '@berth/gateway';
import { createGatewayService, createRoleProxy } from '@berth/gateway';
import { ownAddress, parseListenAddress } from '@berth/server';
import { SERVICE_ROLES } from './config.js';
import { clientTls, ownToken } from './own-credentials.js';
import type { Role, Wiring } from './role.js';
import { VERSION } from './version.js';

/** Opens the HTTP half of the gateway, which calls the roles at the gRPC address of this process. */
export function gatewayRole({ config, log, clock, identity, entrance, http }: Wiring): Promise<Role> {
  // Without an HTTP listener there is nothing to do beside gRPC.
  if (http === undefined) return Promise.resolve({ service: nothing });
  const service = createGatewayService({
    app: http.app,
    grpc: {
      address: () => ownAddress(entrance.address),
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

/** The gRPC half of a gateway that stands alone. Throws INVALID_CONFIG. */
export function openProxy({ config, ...shared }: Omit<Wiring, 'entrance' | 'stores' | 'http'>): Promise<RoleProxy> {
  const known = SERVICE_ROLES.flatMap((role) => {
    const { address } = config[role];
    return address === undefined ? [] : [[role, address] as const];
  });
  return createRoleProxy({
    ...shared,
    ...config.server,
    listen: parseListenAddress(config.listen),
    addresses: Object.fromEntries(known),
    roleTls: clientTls(config),
    token: ownToken(config),
  });
}
