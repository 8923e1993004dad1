import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Berthd, MongoServer, RedisServer } from '@berth/testkit';
import { closedAfter, freePort, startMongo, startRedisServer } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { ClusterCredentials } from './cluster-credentials.js';
import { makeClusterCredentials } from './cluster-credentials.js';
import { berthdOf } from './engines.js';

/** How many processes each role has. */
const PROCESSES = { lease: 2, tracker: 1, pool: 2, booking: 2, gateway: 2 } as const;

export type ClusterRole = keyof typeof PROCESSES;

/** Real processes of every role on real stores, behind two gateways with TLS and tokens. */
export interface Cluster {
  readonly redis: RedisServer;
  readonly mongo: MongoServer;
  readonly credentials: ClusterCredentials;
  /** The processes of a role. */
  readonly of: (role: ClusterRole) => readonly Berthd[];
  /** The addresses of both gateways, as clients take them. */
  readonly address: string;
  /** A client of the gateways; it is closed when the test ends. */
  readonly connect: (caller: string) => Berth;
}

export interface ClusterOptions {
  readonly inventory?: string;
  /** Settings of the processes of each role. */
  readonly settings?: Partial<Readonly<Record<ClusterRole, Readonly<Record<string, unknown>>>>>;
}

/** Starts them; all end with the test. */
export async function startCluster(t: ExecutionContext, options: ClusterOptions = {}): Promise<Cluster> {
  const [redis, mongo] = await Promise.all([startRedisServer(), startMongo()]);
  t.teardown(() => redis.stop());
  t.teardown(() => mongo.stop());
  const credentials = makeClusterCredentials(t);
  const ports = await portsOfAll();
  const addresses = Object.fromEntries(
    Object.entries(ports).map(([role, all]) => [
      role,
      { address: all.map((port) => `127.0.0.1:${String(port)}`).join(',') },
    ]),
  );
  const processes = new Map<ClusterRole, Berthd[]>();
  for (const role of Object.keys(PROCESSES) as ClusterRole[]) {
    const shared = settingsOf(role, addresses, { redis, mongo, credentials }, options);
    const started = ports[role].map((port) =>
      berthdOf(t, {
        settings: { ...shared, listen: `127.0.0.1:${String(port)}` },
        ...(role === 'lease' && options.inventory !== undefined && { inventory: options.inventory }),
      }),
    );
    processes.set(role, await Promise.all(started));
  }
  const of = (role: ClusterRole): readonly Berthd[] => processes.get(role) ?? [];
  const address = of('gateway')
    .map((gateway) => `https://${gateway.address}`)
    .join(',');
  return {
    redis,
    mongo,
    credentials,
    of,
    address,
    connect: (caller) =>
      closedAfter(t, connect({ address, token: credentials.token(caller), tls: { ca: credentials.authority.ca } })),
  };
}

async function portsOfAll(): Promise<Record<ClusterRole, number[]>> {
  const ports: Partial<Record<ClusterRole, number[]>> = {};
  for (const [role, count] of Object.entries(PROCESSES) as [ClusterRole, number][]) {
    ports[role] = [];
    for (let i = 0; i < count; i += 1) ports[role].push(await freePort());
  }
  return ports as Record<ClusterRole, number[]>;
}

function settingsOf(
  role: ClusterRole,
  addresses: Readonly<Record<string, { readonly address: string }>>,
  { redis, mongo, credentials }: Pick<Cluster, 'redis' | 'mongo' | 'credentials'>,
  { settings = {} }: ClusterOptions,
): Readonly<Record<string, unknown>> {
  const { gateway: _gateway, [role]: _own, ...others } = addresses;
  const own = settings[role] ?? {};
  const service = credentials.settings(role === 'gateway' ? 'gateway' : 'roles');
  if (role === 'gateway') return { roles: [role], http: { listen: '127.0.0.1:0' }, ...others, ...service, ...own };
  const stores = { store: 'redis', redis: { url: redis.url }, mongo: { url: mongo.url, database: 'cluster' } };
  return { roles: [role], ...others, ...stores, ...service, ...own };
}
