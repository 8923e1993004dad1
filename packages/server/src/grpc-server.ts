import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Clock } from '@berth/kernel';
import { BerthError, systemClock } from '@berth/kernel';
import type { Channel } from '@grpc/grpc-js';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { CallScope, OpenCall } from './calls/call-scope.js';
import { createCallScope } from './calls/call-scope.js';
import { IdentityServiceDefinition } from '@berth/proto/berth/identity/v1/identity_service';
import { MethodWatch } from './calls/method-watch.js';
import { HealthDefinition } from '@berth/proto/grpc/health/v1/health';
import { ServerHealth } from './health/health.js';
import { reflectionServices } from './health/reflection.js';
import type { LocalMethod } from './calls/local-channel.js';
import { localChannel } from './calls/local-channel.js';
import { keepAlive, type KeepAlive } from './calls/keep-alive.js';
import { resetLimitFor } from './calls/reset-limit.js';
import type { Audit } from './audit/audit.js';
import type { Identity } from './identity/identity.js';
import { openIdentity } from './identity/identity.js';
import { whoAmIService } from './identity/whoami.js';
import type { ListenAddress } from './listen-address.js';
import type { CallLimit } from './limits/call-limit.js';
import { formatListenAddress, requireLoopback } from './listen-address.js';
import type { CallMetrics } from './metrics/call-metrics.js';
import type { AccessLog } from './process/access-log.js';
import { CallTraces } from './traces/call-traces.js';
import { dropLongDeadline } from './calls/long-deadline.js';
import { TlsServerCredentials } from './tls/grpc-credentials.js';
import type { ServerTls } from './tls/server-tls.js';
import type { ServedService } from './calls/service-definition.js';
import { serviceHandlers } from './calls/service-handlers.js';

export interface GrpcServerOptions extends ListenAddress {
  readonly log: Logger;
  /** Makes out the callers; absent = each is believed to be the one that it says. */
  readonly identity?: Identity;
  /** Where the deeds of callers are written down; absent = nowhere. */
  readonly audit?: Audit | undefined;
  /** Absent = what is sent is not encrypted. */
  readonly tls?: ServerTls | undefined;
  /** What health checks tell in metadata `berth-version`. */
  readonly version?: string;
  /** Allows an address that other machines reach although every caller is believed. */
  readonly insecure?: boolean;
  readonly clock?: Clock;
  /** Counts the calls; absent = they are not counted. */
  readonly metrics?: CallMetrics | undefined;
  /** Absent = calls are not logged. */
  readonly accessLog?: AccessLog | undefined;
  /** Bounds the calls of each caller; absent = any number. */
  readonly limit?: CallLimit | undefined;
  /** Larger requests are refused with MESSAGE_TOO_LARGE, unless their service has a limit of its own. Default 1 MiB. */
  readonly maxRequestBytes?: number;
  /** Streams that one connection may have open. Default 20,000. */
  readonly maxStreamsPerConnection?: number;
  /** A stream of which nothing is read for this long is cut with SLOW_READER. Default 20 s. */
  readonly slowReaderMs?: number;
  /** A connection that says nothing for this long is asked whether it lives. Default 10 s. */
  readonly keepaliveTimeMs?: number;
  /** How long it has to answer before it counts as dead. Default 5 s. */
  readonly keepaliveTimeoutMs?: number;
  /** How long `stop` waits for calls that are being served. Default 5 s. */
  readonly shutdownGraceMs?: number;
}

/**
 * The most that a service's limit may be. grpc-js refuses what is over this before a handler sees it, with a bare text;
 * what is below it and over the service's limit is answered with reason and details.
 */
export const LARGEST_REQUEST_BYTES = 64 << 20;

const CLOSE_CONNECTIONS_MS = 250;

/** A server that does not listen yet: `add` services, then `start`. */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  return new GrpcServer(options);
}

/** A gRPC server for services made with `servedService`, with health, and with what tells callers who they are. */
export class GrpcServer {
  readonly health: ServerHealth;
  /** The grpc-js server, for services that bring their own handlers (reflection). */
  readonly server: Server;
  readonly #scope: CallScope;
  readonly #services: string[] = [HealthDefinition.fullName, IdentityServiceDefinition.fullName];
  readonly #methods = new Map<string, LocalMethod>();
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #connections = new Set<ServerHttp2Session>();
  #address: ListenAddress | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: GrpcServerOptions) {
    // What fails is thrown with a better text; grpc-js would print a line of its own to stderr beside it.
    if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
    const { log, identity = openIdentity(), maxRequestBytes = 1 << 20, slowReaderMs = 20_000 } = options;
    // A stop must come to its end also when nothing else keeps the process alive.
    this.#clock = options.clock ?? systemClock();
    const clock = options.clock ?? systemClock(false);
    const { keepaliveTimeMs: timeMs = 10_000, keepaliveTimeoutMs: timeoutMs = 5000 } = options;
    this.#keepAlive = { clock, timeMs, timeoutMs };
    const { limit: hangUpLimit, options: resetOptions } = resetLimitFor(process.versions.node);
    const { limit, metrics, accessLog, audit } = options;
    const traces = new CallTraces(options.version ?? '');
    const watchOf = watching(metrics, accessLog);
    const limits = { maxRequestBytes, slowReaderMs, hangUpLimit, limit };
    this.#scope = createCallScope({ log, identity, audit, clock, ...limits, traces, watchOf });
    this.server = new Server({
      'grpc.max_receive_message_length': LARGEST_REQUEST_BYTES,
      'grpc.max_concurrent_streams': options.maxStreamsPerConnection ?? 20_000,
      'grpc.enable_channelz': 0,
    });
    // grpc-js hands these on to Node's HTTP/2 server, and has no option of its own for them.
    Object.assign((this.server as unknown as { commonServerOptions: object }).commonServerOptions, resetOptions);
    this.health = new ServerHealth(options.version ?? '', log);
    this.#addOwn(this.health.service);
    this.#addOwn(whoAmIService());
  }

  /** Adds a service. Its health is NOT_SERVING until `health.set` says otherwise. */
  add(service: ServedService): void {
    const { service: definition, handlers } = serviceHandlers(service, this.#scope);
    this.server.addService(definition, handlers);
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler !== undefined) this.#methods.set(method.path, { definition: method, handler });
    }
    this.health.addService(service.definition.fullName);
    this.#services.push(service.definition.fullName);
  }

  /** Makes a service known that other processes serve: health and reflection tell of it too. */
  announce(name: string): void {
    this.health.addService(name);
    this.#services.push(name);
  }

  /** Adds server reflection for all services added so far, and for health. */
  addReflection(): void {
    for (const service of reflectionServices(this.#services)) this.#addOwn(service);
  }

  /**
   * Adds a service about the server itself: it is served also while the server shuts down, and is not waited for. Probes would
   * fill the log, and are not limited.
   */
  #addOwn(service: ServedService): void {
    const watchOf = watching(this.options.metrics, undefined);
    const scope = { ...this.#scope, open: new Set<OpenCall>(), limit: undefined, watchOf };
    const { service: definition, handlers } = serviceHandlers(service, scope);
    this.server.addService(definition, handlers);
  }

  /** Where the server listens, with the real port. Throws before `start`. */
  get address(): ListenAddress {
    if (this.#address === undefined) throw new Error('the server does not listen yet');
    return this.#address;
  }

  /** A channel to the services that were added, for clients within this process. */
  localChannel(): Channel {
    return localChannel(this.#methods);
  }

  /** Calls that are being served. */
  get openCalls(): number {
    return this.#scope.open.size;
  }

  /** Listens. Throws INVALID_CONFIG for an address that needs --insecure and ADDRESS_IN_USE. */
  async start(): Promise<ListenAddress> {
    const { host, port, insecure = false, tls } = this.options;
    if (this.#scope.identity.open && !insecure) requireLoopback({ host, port });
    const bound = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(
        formatListenAddress({ host, port }),
        tls === undefined ? ServerCredentials.createInsecure() : new TlsServerCredentials(tls),
        (error, boundPort) => {
          if (error === null) resolve(boundPort);
          else reject(listenError({ host, port }, error));
        },
      );
    });
    this.#followConnections();
    this.#address = { host, port: bound };
    return this.#address;
  }

  /**
   * Begins to stop: health says NOT_SERVING, clients are told to make their next calls elsewhere (GOAWAY), new calls get
   * SHUTTING_DOWN, methods are told by `call.shutdown`. What is open goes on.
   */
  refuseCalls(): void {
    if (this.#scope.stopping) return;
    this.health.setAll(false);
    this.#scope.stopping = true;
    for (const connection of this.#connections) sayGoodbye(connection);
    for (const call of [...this.#scope.open]) call.tellShutdown();
  }

  /**
   * Stops: refuses calls, waits for those being served, and cuts what has not ended after the grace. Resolves when the
   * port is free. The same promise each time.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.refuseCalls();
    await this.#within(this.options.shutdownGraceMs ?? 5000, (done) => {
      if (this.#scope.open.size === 0) done();
      else this.#scope.onIdle = done;
    });
    // Health watches and idle connections of clients stay until they are closed. Without channelz grpc-js' forceShutdown
    // knows no connections (it looks for them in channelz' own list).
    for (const connection of this.#connections) connection.close();
    await this.#within(CLOSE_CONNECTIONS_MS, (done) => {
      this.server.tryShutdown(() => {
        done();
      });
    });
    for (const connection of this.#connections) connection.destroy();
    this.server.forceShutdown();
  }

  #within(ms: number, wait: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      wait(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #followConnections(): void {
    const { http2Servers } = this.server as unknown as { http2Servers: Map<Http2Server, unknown> };
    for (const http2Server of http2Servers.keys()) {
      http2Server.on('session', (session) => {
        this.#connections.add(session);
        keepAlive(session, this.#keepAlive);
        session.once('close', () => this.#connections.delete(session));
      });
      // grpc-js reads the timeout before any interceptor runs, so the headers must change before grpc-js sees the stream.
      http2Server.prependListener('stream', (_stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        dropLongDeadline(headers);
      });
    }
  }
}

/**
 * Tells a client to make its next calls over another connection. Those that are on their way are still answered, as a stream
 * whose number is above the last one in a GOAWAY is not.
 */
export function sayGoodbye(connection: ServerHttp2Session): void {
  if (!connection.destroyed) connection.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
}

/** What watches the calls of each method; undefined when nothing does. */
function watching(metrics: CallMetrics | undefined, log: AccessLog | undefined): CallScope['watchOf'] {
  if (metrics === undefined && log === undefined) return undefined;
  return (path, isStream) => new MethodWatch(metrics?.of(path, isStream), log);
}

/** The error for an address where a server cannot listen. */
export function listenError(address: ListenAddress, cause: Error): BerthError {
  const where = formatListenAddress(address);
  const options = { cause };
  if (cause.message.includes('EADDRINUSE')) {
    const port = String(address.port);
    return new BerthError(
      'ADDRESS_IN_USE',
      `another process listens on ${where} already; stop it (see who: "ss -ltnp sport = :${port}"), or choose another port with --listen`,
      { preconditions: [{ type: 'ADDRESS', subject: where, description: 'is in use' }] },
      options,
    );
  }
  return new BerthError(
    'INVALID_CONFIG',
    `cannot listen on ${where}: ${cause.message}; choose an address of this machine with --listen`,
    { fields: [{ field: 'listen', description: cause.message }] },
    options,
  );
}
