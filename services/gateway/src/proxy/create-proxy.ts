import type { AccessLog, CallMetrics, GrpcServer } from '@berth/server';
import { loadDescriptorSet } from '../json/descriptors/descriptor-set.js';
import { WHO_AM_I, whoAmIBytes } from '../who-am-i.js';
import { Credential } from './credential.js';
import { LookedUpTargets } from './looked-up-targets.js';
import { ownTargets } from './own-target.js';
import { Proxy } from './proxy.js';
import type { ProxyOptions } from './proxy-options.js';
import type { RoleTls } from './remote-target.js';
import { watches } from './method-watches.js';
import { parseRoleAddresses } from './role-address.js';
import { servicesOfRoles } from './services-of-roles.js';

export interface RoleProxyOptions extends Omit<ProxyOptions, 'roles' | 'own' | 'answers' | 'credential' | 'watchOf'> {
  /** Addresses of roles by their names, as text: `lease-1:7070,lease-2:7070`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What connections to roles are secured with; absent = not encrypted. */
  readonly roleTls: RoleTls | undefined;
  /** Reads the token that this process shows to roles; absent = it has none. */
  readonly token: (() => Promise<string>) | undefined;
  /** Count the calls, and log them; absent = that is not done. */
  readonly calls?: CallMetrics | undefined;
  readonly accessLog?: AccessLog | undefined;
  /** The server with health and reflection, which tells of the roles' services too; `start` has it listen, on loopback. */
  readonly server: GrpcServer;
}

/** The gRPC half of a gateway that stands alone. */
export interface RoleProxy extends Pick<Proxy, 'address' | 'openCalls' | 'refuseCalls'> {
  /** Begins to look for the roles, and listens. Throws INVALID_CONFIG and ADDRESS_IN_USE. */
  start(): Promise<void>;
  /** See `Proxy.stop`. */
  stop(): Promise<void>;
}

/** A proxy to roles in other processes. Throws INVALID_CONFIG for an address that is none. */
export async function createRoleProxy(options: RoleProxyOptions): Promise<RoleProxy> {
  const { addresses, server, clock, log } = options;
  const descriptors = await loadDescriptorSet();
  const services = servicesOfRoles(descriptors);
  const keepAlive = { clock, timeMs: options.keepaliveTimeMs, timeoutMs: options.keepaliveTimeoutMs };
  const credential = new Credential(options.token, clock, log);
  const roles = Object.entries(addresses).map(([role, text]) => {
    const names = services.get(role) ?? [];
    for (const name of names) server.announce(name);
    return new LookedUpTargets({
      role,
      addresses: parseRoleAddresses(text, `${role}.address`),
      tls: options.roleTls,
      service: names[0] ?? '',
      keepAlive,
      log,
      told: server.health.part(`role ${role}`, () => names),
    });
  });
  const proxy = new Proxy({
    ...options,
    roles: new Map(roles.map((targets) => [targets.role, targets])),
    own: ownTargets(() => server.address),
    answers: new Map([[WHO_AM_I, whoAmIBytes]]),
    credential: () => credential.text,
    watchOf: watches(descriptors, Object.keys(addresses), options),
  });
  return {
    get address() {
      return proxy.address;
    },
    get openCalls() {
      return proxy.openCalls;
    },
    refuseCalls: () => {
      proxy.refuseCalls();
    },
    async start() {
      await credential.start();
      await server.start();
      await Promise.all(roles.map((targets) => targets.start()));
      await proxy.start();
    },
    async stop() {
      await proxy.stop();
      for (const each of [...roles, credential]) each.stop();
    },
  };
}
