import { steadyClock } from '@berth/kernel';
import type { GrpcServer, HttpServer, HttpServerOptions, ListenAddress, Logger, Part } from '@berth/server';
import { createGrpcServer, createHttpServer, ownAddress, parseListenAddress, startParts } from '@berth/server';
import { bookingRole } from './booking-role.js';
import type { BerthdConfig, RoleName } from './config.js';
import { isGatewayAlone, NO_HTTP } from './config.js';
import { openGuards } from './guards.js';
import { leaseRole } from './lease-role.js';
import { poolRole } from './pool-role.js';
import type { GrpcEntrance, Role, Wiring } from './role.js';
import { Stores } from './stores.js';
import { trackerRole } from './tracker-role.js';
import { VERSION } from './version.js';
import { openWatching } from './watching.js';

/** A berthd that serves. */
export interface Berthd {
  readonly address: ListenAddress;
  /** Where it serves HTTP; undefined when it does not. */
  readonly http: string | undefined;
  /** Stops well, in bounded time. The same promise each time. */
  readonly stop: () => Promise<void>;
}

const OPEN: Readonly<Record<RoleName, (wiring: Wiring) => Promise<Role>>> = {
  lease: leaseRole,
  tracker: trackerRole,
  pool: poolRole,
  booking: bookingRole,
  // Loaded by processes that have the role only: it and its libraries are a quarter of the program.
  gateway: async (wiring) => (await import('./gateway-role.js')).gatewayRole(wiring),
};

/** Starts the roles of the configuration in this process; serving when it resolves. Throws BerthError for a bad environment. */
export async function startBerthd(config: BerthdConfig, log: Logger): Promise<Berthd> {
  const clock = steadyClock();
  const { parts: guards, ...guarded } = openGuards(config, clock, log);
  const watching = openWatching(config, clock, log);
  const { metrics, calls, accessLog, limit } = watching;
  const isBehindProxy = isGatewayAlone(config);
  const server = createGrpcServer({
    ...parseListenAddress(isBehindProxy ? '127.0.0.1:0' : config.listen),
    ...config.server,
    insecure: config.insecure,
    version: VERSION,
    ...guarded,
    ...(isBehindProxy && { tls: undefined }),
    metrics: calls,
    accessLog,
    limit,
    log,
  });
  const http = await openHttp(config, { ...guarded, metrics, accessLog, limit, health: server.health, log });
  const stores = new Stores(config, clock, log, metrics);
  const entrance = isBehindProxy
    ? await (await import('./gateway-role.js')).openProxy({ config, log, clock, ...guarded, ...watching, server })
    : server;
  const roles = await openRoles({ config, log, clock, ...guarded, ...watching, server, entrance, http, stores });
  // Stopping goes from the end: refuse calls, let the services end their streams, then close what is left.
  const running = await startParts(
    [
      ...guards,
      ...stores.parts,
      { name: 'server', start: () => Promise.resolve(), stop: () => server.stop() },
      { name: 'connections', start: () => Promise.resolve(), stop: () => entrance.stop() },
      ...roles.map(({ service }) => service),
      listener(server, entrance, http),
      ...roles.flatMap(({ work }) => work ?? []),
    ],
    log,
  );
  return { address: entrance.address, http: http && urlOf(http), stop: running.stop };
}

/** The HTTP listener as configured; undefined for none. */
async function openHttp(
  { http, insecure, server }: BerthdConfig,
  shared: Pick<HttpServerOptions, 'identity' | 'tls' | 'audit' | 'metrics' | 'accessLog' | 'limit' | 'health' | 'log'>,
): Promise<HttpServer | undefined> {
  const { listen = NO_HTTP, hosts } = http;
  if (listen === NO_HTTP) return undefined;
  const { shutdownGraceMs } = server;
  return createHttpServer({ ...shared, listen: parseListenAddress(listen), hosts, insecure, shutdownGraceMs });
}

function urlOf({ address, secure }: HttpServer): string {
  return `${secure ? 'https' : 'http'}://${ownAddress(address)}`;
}

async function openRoles(wiring: Wiring): Promise<readonly Role[]> {
  const roles: Role[] = [];
  try {
    for (const name of new Set(wiring.config.roles)) roles.push(await OPEN[name](wiring));
    return roles;
  } catch (error) {
    for (const part of wiring.stores.parts) await part.stop();
    throw error;
  }
}

function listener(server: GrpcServer, entrance: GrpcEntrance, http: HttpServer | undefined): Part {
  return {
    name: 'listener',
    start: async () => {
      server.addReflection();
      await entrance.start();
      // Its routes call the address for gRPC.
      await http?.start();
      server.health.setAll(true);
    },
    stop: async () => {
      server.refuseCalls();
      entrance.refuseCalls();
      await http?.stop();
    },
  };
}
