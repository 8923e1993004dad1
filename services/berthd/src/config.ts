import type { ConfigFlag, ListenAddress } from '@berth/server';
import {
  ACCESS_LOGS,
  authConfigSchema,
  authFaults,
  formatListenAddress,
  invalidConfig,
  isOpen,
  loadConfig,
  parseListenAddress,
  requestBytes,
  requireLoopback,
  tlsConfigSchema,
  tlsFaults,
} from '@berth/server';
import { bookingConfigSchema } from '@berth/booking';
import { leaseConfigSchema } from '@berth/lease';
import { poolConfigSchema } from '@berth/pool';
import { trackerConfigSchema } from '@berth/tracker';
import * as z from 'zod';

/** The roles that have services of their own. */
export const SERVICE_ROLES = ['lease', 'tracker', 'pool', 'booking'] as const;

export type ServiceRole = (typeof SERVICE_ROLES)[number];

/** The roles that this build has. The gateway is the address of all others. */
export const ROLES = [...SERVICE_ROLES, 'gateway'] as const;

/** What `http.listen` says where HTTP is not served. */
export const NO_HTTP = 'none';

export type RoleName = (typeof ROLES)[number];

const ms = z.number().int().min(1);
const address = z.string().min(1).optional();

/** Settings of a berthd process. Each may stand in the file, as a BERTH_ variable, and some as a flag. */
export const berthdConfigSchema = z.strictObject({
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .default([...ROLES])
    .describe(`which services run in this process: ${ROLES.join(', ')}`),
  listen: z.string().default('127.0.0.1:7070').describe('HOST:PORT for gRPC; port 0 takes a free one'),
  http: z
    .strictObject({
      listen: z
        .string()
        .optional()
        .describe('HOST:PORT for HTTP, or none; by default 127.0.0.1:7080 where all roles or the gateway run'),
      hosts: z
        .array(z.string().min(1))
        .default([])
        .describe('further names under which it is reached over HTTP, for example behind a proxy'),
    })
    .prefault({}),
  insecure: z.boolean().default(false).describe('listen where other machines reach it, and believe every caller'),
  auth: authConfigSchema.prefault({}),
  tls: tlsConfigSchema.prefault({}),
  audit: z
    .strictObject({
      dir: z
        .string()
        .min(1)
        .optional()
        .describe('a folder for what operators change and what is refused, as JSON lines; of this process alone'),
    })
    .prefault({}),
  dataDir: z.string().min(1).default('./data').describe('the folder of the SQLite stores; one process at a time'),
  store: z
    .enum(['sqlite', 'redis'])
    .default('sqlite')
    .describe('where leases are kept: sqlite (one process) or redis (several)'),
  redis: z
    .strictObject({
      url: z
        .string()
        .default('redis://127.0.0.1:6379')
        .describe('the server, for example redis://:PASSWORD@HOST:6379/0'),
      keyPrefix: z.string().min(1).default('berth').describe('what all keys begin with'),
    })
    .prefault({}),
  mongo: z
    .strictObject({
      url: z
        .string()
        .min(1)
        .optional()
        .describe('the MongoDB replica set that keeps documents; absent = an SQLite file in dataDir'),
      database: z.string().min(1).default('berth').describe('its database'),
    })
    .prefault({}),
  locks: z
    .strictObject({
      redis: z
        .array(z.string().min(1))
        .default([])
        .describe('Redis servers that elect one worker among replicas: 1 or an odd number; none = redis.url'),
    })
    .prefault({}),
  inventory: z.string().min(1).optional().describe('a file of benches, taken when the default lab has none'),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info')
        .describe('what to log'),
      format: z.enum(['auto', 'json', 'text']).default('auto').describe('auto = text on a terminal, else JSON'),
      access: z
        .enum(ACCESS_LOGS)
        .default('off')
        .describe('a line for each call: off, failed (those that failed) or all'),
    })
    .prefault({}),
  server: z
    .strictObject({
      maxRequestBytes: requestBytes
        .default(1 << 20)
        .describe('larger requests are refused; services of batches have limits of their own'),
      maxStreamsPerConnection: z
        .number()
        .int()
        .min(1)
        .default(20_000)
        .describe('open calls that one connection may have'),
      maxCallsPerSecond: z
        .number()
        .min(0.1)
        .optional()
        .describe('calls that one caller may make a second, and at once; absent = any number'),
      slowReaderMs: ms.default(20_000).describe('a stream of which nothing is read for this long is cut'),
      keepaliveTimeMs: ms.default(10_000).describe('a silent connection is asked whether it lives after this time'),
      keepaliveTimeoutMs: ms.default(5000).describe('how long it has to answer before it counts as dead'),
      shutdownGraceMs: ms.default(5000).describe('how long a stop waits for calls being served'),
    })
    .prefault({}),
  lease: leaseConfigSchema
    .extend({
      address: address.describe(
        'where leases are served, for a gateway, tracker, pool or booking role without that role; several with commas between',
      ),
    })
    .prefault({}),
  tracker: trackerConfigSchema
    .extend({
      address: address.describe('where the tracker is, for a gateway, lease or pool role that runs without it'),
    })
    .prefault({}),
  pool: poolConfigSchema
    .extend({
      address: address.describe('where tickets are served, for a gateway or tracker that runs without the role pool'),
    })
    .prefault({}),
  booking: bookingConfigSchema
    .extend({
      address: address.describe('where bookings are, for a gateway or tracker that runs without the role booking'),
    })
    .prefault({}),
});

export type BerthdConfig = z.output<typeof berthdConfigSchema>;

/** What may be given on the command line. */
export interface BerthdFlags {
  readonly role?: readonly string[];
  readonly all?: boolean;
  readonly config?: string;
  readonly listen?: string;
  readonly http?: string;
  readonly dataDir?: string;
  readonly store?: string;
  readonly redis?: string;
  readonly mongo?: string;
  readonly kinds?: string;
  readonly pools?: string;
  readonly inventory?: string;
  readonly insecure?: boolean;
}

/** The configuration from file, environment and flags. Throws INVALID_CONFIG with every fault. */
export function readConfig(flags: BerthdFlags, env: NodeJS.ProcessEnv): BerthdConfig {
  const given: ConfigFlag[] = [
    { flag: '--role', path: ['roles'], value: flags.all === true ? [...ROLES] : flags.role },
    { flag: '--listen', path: ['listen'], value: flags.listen },
    { flag: '--http', path: ['http', 'listen'], value: flags.http },
    { flag: '--insecure', path: ['insecure'], value: flags.insecure },
    { flag: '--data-dir', path: ['dataDir'], value: flags.dataDir },
    // Whoever names a Redis server wants it used.
    { flag: '--store', path: ['store'], value: flags.store ?? (flags.redis === undefined ? undefined : 'redis') },
    { flag: '--redis', path: ['redis', 'url'], value: flags.redis },
    { flag: '--mongo', path: ['mongo', 'url'], value: flags.mongo },
    { flag: '--pools', path: ['pool', 'file'], value: flags.pools },
    { flag: '--kinds', path: ['tracker', 'kindsFile'], value: flags.kinds },
    { flag: '--inventory', path: ['inventory'], value: flags.inventory },
  ];
  const config = loadConfig(berthdConfigSchema, { file: flags.config, env, flags: given });
  const { auth, tls } = config;
  const faults = [...tlsFaults(tls), ...authFaults(auth, tls.clientCa), ...gatewayFaults(config)];
  if (faults.length > 0) throw invalidConfig(faults.map((fault) => ({ where: 'configuration', ...fault })));
  const address = parseListenAddress(config.listen);
  const listen = httpListen(config, address);
  if (isOpen(auth) && !config.insecure) {
    requireLoopback(address);
    if (listen !== NO_HTTP) requireLoopback(parseListenAddress(listen), 'http.listen');
  }
  return { ...config, http: { ...config.http, listen } };
}

/** A gateway is alone in its process, or with all roles. */
function gatewayFaults(config: BerthdConfig): readonly { readonly path: string; readonly message: string }[] {
  const { roles } = config;
  if (!roles.includes('gateway')) return [];
  const missing = SERVICE_ROLES.filter((role) => !roles.includes(role));
  if (missing.length === 0) return [];
  if (missing.length < SERVICE_ROLES.length) {
    const message = `has gateway and some other roles, but not ${missing.join(', ')}; run the gateway alone, or all roles`;
    return [{ path: 'roles', message }];
  }
  if (SERVICE_ROLES.some((role) => config[role].address !== undefined)) return [];
  return [{ path: 'lease.address', message: 'is missing; a gateway alone needs to know where other roles are' }];
}

/** Whether the process is a gateway, and nothing else: it calls roles in other processes. */
export function isGatewayAlone({ roles }: Pick<BerthdConfig, 'roles'>): boolean {
  return roles.every((role) => role === 'gateway');
}

/** The setting `http.listen`, with its default: a process of one role among several serves no HTTP, if not told so. */
function httpListen({ http, roles }: BerthdConfig, grpc: ListenAddress): string {
  if (http.listen === NO_HTTP) return NO_HTTP;
  if (http.listen !== undefined) return formatListenAddress(parseListenAddress(http.listen, 'http.listen'));
  if (!roles.includes('gateway')) return NO_HTTP;
  // Several processes that take free ports for gRPC would meet at one for HTTP.
  return grpc.port === 0 ? '127.0.0.1:0' : '127.0.0.1:7080';
}
