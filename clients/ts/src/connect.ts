import { BookingServiceDefinition, type BookingServiceClient } from '@berth/proto/berth/booking/v1/booking_service';
import { CapacityServiceDefinition, type CapacityServiceClient } from '@berth/proto/berth/booking/v1/capacity_service';
import { IdentityServiceDefinition, type IdentityServiceClient } from '@berth/proto/berth/identity/v1/identity_service';
import { InventoryServiceDefinition, type InventoryServiceClient } from '@berth/proto/berth/lease/v1/inventory_service';
import {
  LeaseServiceDefinition,
  type LeaseServiceClient,
  type WatchResponse,
} from '@berth/proto/berth/lease/v1/lease_service';
import {
  PoolServiceDefinition,
  type PoolServiceClient,
  type WaitTicketResponse,
} from '@berth/proto/berth/pool/v1/pool_service';
import {
  AllocationServiceDefinition,
  type AllocationServiceClient,
} from '@berth/proto/berth/tracker/v1/allocation_service';
import { RecordServiceDefinition, type RecordServiceClient } from '@berth/proto/berth/tracker/v1/record_service';
import type { Channel, ChannelInterface } from '@grpc/grpc-js';
import { createClientFactory } from 'nice-grpc';
import { type AcquireCallbacks, acquireLease, leaseEvents } from './acquire.js';
import type { AcquireOptions } from './acquire-request.js';
import type { LeaseEvent } from './acquire-call.js';
import { openChannel, type TlsOptions } from './channel.js';
import { systemClientClock } from './clock.js';
import { tlsFromFiles, tokenFromFile } from './credential-files.js';
import { DrainWatch } from './drain-watch.js';
import { HealthCheckDefinition, type ServingStatus, servingStatusOf } from './health.js';
import { identityMetadata, type IdentityMetadata } from './identity.js';
import type { LeaseHandle } from './lease-handle.js';
import { deadlineMiddleware } from './middleware/deadline.js';
import { type CallMetadata, defaultsMiddleware } from './middleware/defaults.js';
import { errorsMiddleware } from './middleware/errors.js';
import type { BerthCallOptions } from './middleware/index.js';
import { OpenCalls } from './middleware/open-calls.js';
import { Patience, retryMiddleware } from './middleware/retry.js';
import { someReadyMiddleware } from './middleware/some-ready.js';
import { tokenMiddleware } from './middleware/token.js';
import { SpreadChannel } from './spread-channel.js';
import { openTicket, type TicketHandle, type TicketOptions } from './ticket-handle.js';
import { CurrentToken, type TokenSource } from './token-source.js';
import { waitForTicket, type WaitTicketOptions } from './wait-ticket.js';
import { watchLab, type WatchOptions } from './watch.js';

/** Where the server is and who calls. */
export interface ConnectOptions {
  /**
   * `host:port`, `unix:/path` or a URL with http or https; several servers with commas between: calls go to them in turn, and
   * what breaks goes on at another one. Default: `BERTH_ADDRESS`, else 127.0.0.1:7070.
   */
  address?: string;
  /**
   * The caller's name. Default: `BERTH_USER`, else none where a token or a certificate says who calls, else the operating
   * system's user name.
   */
  user?: string;
  /** viewer, user, operator or admin. Default: `BERTH_ROLE`, else what the server gives. */
  role?: string;
  /**
   * A bearer token, or what gives it: asked for each connection, and after BAD_CREDENTIALS. Default: `BERTH_TOKEN`, else what
   * is in the file `BERTH_TOKEN_FILE`.
   */
  token?: string | TokenSource;
  /** The lab of calls that do not name one. Default: `BERTH_LAB`, else the server's "default". */
  lab?: string;
  /**
   * True or certificates for TLS. Default: the files `BERTH_CA`, `BERTH_CERT` and `BERTH_KEY`; without any, TLS only for an
   * https address.
   */
  tls?: boolean | TlsOptions;
  /** The time that a unary call may take with its retries; default 30 s, 0 = no limit. */
  timeoutMs?: number;
  /**
   * Further metadata of every call, for example for whom a service calls, or what gives it for each call, for example a
   * `traceparent`; values of names that end in `-bin` are bytes.
   */
  metadata?: CallMetadata | (() => CallMetadata);
  /** Used in place of a channel to the address, and closed with the client. */
  channel?: ChannelInterface;
}

/** A connection to a Berth server. It is made when the first call needs it, and again whenever it breaks. */
export interface Berth extends AsyncDisposable {
  /** The generated stub of `berth.lease.v1.LeaseService`. */
  readonly lease: LeaseServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.lease.v1.InventoryService`. */
  readonly inventory: InventoryServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.tracker.v1.AllocationService`: what exists, who has it, what was never freed. */
  readonly allocations: AllocationServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.tracker.v1.RecordService`: the inventory of machines, addresses and further kinds. */
  readonly records: RecordServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.pool.v1.PoolService`: pools, what they make, and tickets for it. */
  readonly pools: PoolServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.booking.v1.BookingService`: capacity for a time, and how much is left. */
  readonly bookings: BookingServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.booking.v1.CapacityService`: clusters, what is granted to them, and templates. */
  readonly capacity: CapacityServiceClient<BerthCallOptions>;
  /** The generated stub of `berth.identity.v1.IdentityService`: who the caller is to the server. */
  readonly identity: IdentityServiceClient<BerthCallOptions>;
  /** Waits for benches and holds them until the handle releases. There is no deadline but `wait`. */
  acquire(options: AcquireOptions & AcquireCallbacks): Promise<LeaseHandle>;
  /**
   * The same as a stream of events: `queued` …, `granted`, `heartbeat`s, `ended`. Leaving the loop takes the request out of
   * the queue, or releases a `connection` hold; a `ttl` or `manual` lease stays, and nobody renews it.
   */
  queue(
    options: AcquireOptions & Pick<AcquireCallbacks, 'signal' | 'onReconnecting'>,
  ): AsyncGenerator<LeaseEvent, void>;
  /** Everything that changes in a lab, without a gap, also over broken connections. */
  watch(options?: WatchOptions): AsyncGenerator<WatchResponse, void>;
  /** Asks pools for a resource and waits until it is there. The ticket is closed at the end of the scope (`await using`). */
  ticket(options: TicketOptions): Promise<TicketHandle>;
  /**
   * Where a ticket stands whenever that changes, then the ticket with its data, also over broken connections. Throws as
   * WaitTicket does; the ticket stays whatever becomes of this call.
   */
  waitTicket(options: WaitTicketOptions): AsyncGenerator<WaitTicketResponse, void>;
  /** What the server says of itself (grpc.health.v1); of one service by its full name. */
  health(service?: string, options?: BerthCallOptions): Promise<ServingStatus>;
  /** Closes the connection: calls that run end, and `connection` leases with them. */
  close(): void;
}

const SERVICES = [
  LeaseServiceDefinition,
  InventoryServiceDefinition,
  AllocationServiceDefinition,
  RecordServiceDefinition,
  PoolServiceDefinition,
  BookingServiceDefinition,
  CapacityServiceDefinition,
  IdentityServiceDefinition,
];
const DEFAULT_ADDRESS = '127.0.0.1:7070';
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * A client for a server. Throws a TypeError for options that cannot be sent, and for certificates that cannot be read; nothing
 * is connected yet.
 */
export function connect(options: ConnectOptions = {}): Berth {
  const { env } = process;
  const lab = options.lab ?? env['BERTH_LAB'] ?? '';
  const tls = options.tls ?? (options.channel === undefined ? tlsOfEnvironment(env) : undefined);
  const token = options.token ?? tokenOfEnvironment(env);
  const metadata = metadataOf(options.metadata, identityOf(options, token, tls));
  const opened = options.channel ?? openChannel(options.address ?? env['BERTH_ADDRESS'] ?? DEFAULT_ADDRESS, tls);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- nice-grpc names the class, and uses what is in its interface
  const channel = opened as Channel;
  const connection = new DrainWatch(opened instanceof SpreadChannel ? opened.channels : [opened]);
  const calls = new OpenCalls();
  const patience = new Patience();
  // The first that is attached is the innermost.
  let factory = createClientFactory().use(errorsMiddleware);
  if (opened instanceof SpreadChannel) factory = factory.use(someReadyMiddleware(opened));
  if (typeof token === 'function') factory = factory.use(tokenMiddleware(currentToken(token, connection)));
  factory = factory
    .use(retryMiddleware(patience))
    .use(deadlineMiddleware(options.timeoutMs ?? DEFAULT_TIMEOUT_MS))
    .use(calls.track())
    .use(defaultsMiddleware(SERVICES, { lab, metadata }));
  const lease: LeaseServiceClient<BerthCallOptions> = factory.create(LeaseServiceDefinition, channel);
  const inventory: InventoryServiceClient<BerthCallOptions> = factory.create(InventoryServiceDefinition, channel);
  const allocations: AllocationServiceClient<BerthCallOptions> = factory.create(AllocationServiceDefinition, channel);
  const records: RecordServiceClient<BerthCallOptions> = factory.create(RecordServiceDefinition, channel);
  const pools: PoolServiceClient<BerthCallOptions> = factory.create(PoolServiceDefinition, channel);
  const bookings: BookingServiceClient<BerthCallOptions> = factory.create(BookingServiceDefinition, channel);
  const capacity: CapacityServiceClient<BerthCallOptions> = factory.create(CapacityServiceDefinition, channel);
  const identity: IdentityServiceClient<BerthCallOptions> = factory.create(IdentityServiceDefinition, channel);
  const health = factory.create(HealthCheckDefinition, channel);
  const deps = { lease, clock: systemClientClock, connection, lab, patience };

  function close(): void {
    calls.close();
    channel.close();
  }
  return {
    lease,
    inventory,
    allocations,
    records,
    pools,
    bookings,
    capacity,
    identity,
    acquire: (wanted) => acquireLease(deps, wanted),
    queue: (wanted) => leaseEvents(deps, wanted),
    watch: (what = {}) => watchLab(lease, patience, { lab, ...what }),
    ticket: (wanted) => openTicket({ pools, clock: systemClientClock, patience }, wanted),
    waitTicket: (what) => waitForTicket(pools, systemClientClock, patience, what),
    async health(service = '', callOptions = {}) {
      return servingStatusOf((await health.check({ service }, callOptions)).status);
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

/** What goes with every call; the identity wins. */
function metadataOf(
  further: ConnectOptions['metadata'],
  identity: IdentityMetadata,
): CallMetadata | (() => CallMetadata) {
  return typeof further === 'function' ? () => ({ ...further(), ...identity }) : { ...further, ...identity };
}

function tokenOfEnvironment(env: NodeJS.ProcessEnv): ConnectOptions['token'] {
  const token = env['BERTH_TOKEN'] ?? '';
  return token === '' ? tokenFromFile(env['BERTH_TOKEN_FILE']) : token;
}

function tlsOfEnvironment(env: NodeJS.ProcessEnv): TlsOptions | undefined {
  return tlsFromFiles({ ca: env['BERTH_CA'], cert: env['BERTH_CERT'], key: env['BERTH_KEY'] });
}

function identityOf(
  { user = process.env['BERTH_USER'], role = process.env['BERTH_ROLE'] }: ConnectOptions,
  token: ConnectOptions['token'],
  tls: ConnectOptions['tls'],
): IdentityMetadata {
  const hasCertificate = typeof tls === 'object' && tls.cert !== undefined;
  const shown = typeof token === 'function' || hasCertificate;
  return identityMetadata({ user, role, shown, token: typeof token === 'string' ? token : undefined });
}

/** The token of a source, asked for again when a connection is made anew. */
function currentToken(source: TokenSource, connection: DrainWatch): CurrentToken {
  const current = new CurrentToken(source);
  connection.onDrain(() => {
    current.forget();
  });
  return current;
}
