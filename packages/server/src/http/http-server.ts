import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { Clock } from '@berth/kernel';
import { BerthError, systemClock } from '@berth/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { shuttingDown } from '../calls/call-scope.js';
import type { ServerHealth } from '../health/health.js';
import type { Caller } from '../identity/caller.js';
import type { Audit } from '../audit/audit.js';
import type { RefusedCall } from '../audit/audit-refusal.js';
import { auditRefusal } from '../audit/audit-refusal.js';
import type { Identity } from '../identity/identity.js';
import type { Role } from '../identity/role.js';
import { includesRole } from '../identity/role.js';
import type { CallLimit } from '../limits/call-limit.js';
import type { ListenAddress } from '../listen-address.js';
import { formatListenAddress, requireLoopback } from '../listen-address.js';
import { healthFamilies } from '../metrics/health-families.js';
import { metricsRoute } from '../metrics/metrics-route.js';
import type { ProcessMetrics } from '../metrics/process-metrics.js';
import type { AccessLog } from '../process/access-log.js';
import type { Logger } from '../process/log.js';
import type { ServerTls } from '../tls/server-tls.js';
import type { CallTrace } from '../traces/call-traces.js';
import { boundPauses } from './bound-pauses.js';
import { answerClientError } from './client-error.js';
import { healthRoutes } from './health-routes.js';
import { httpError, isUnexpected } from './http-error.js';
import { KnownRoutes } from './known-routes.js';
import { nextRequestId } from './request-id.js';
import { watchRequests } from './request-watch.js';
import { SameSite } from './same-site.js';
import { ShownRequest } from './shown-request.js';
import { traceRequests } from './traced-requests.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; read it in routes with `config.access` other than `open` only, which have none. */
    caller: Caller;
    /** The trace that the request belongs to; undefined when it has none. */
    trace: CallTrace | undefined;
  }
  interface FastifyContextConfig {
    /** The least role that the route takes; `open` = also callers without credentials. Default: any caller. */
    access?: Role | 'open';
    /** The body may come in parts with long pauses between them, as a stream of requests does. */
    slowBody?: boolean;
  }
  interface FastifyInstance {
    /** The routes; add to `known.paths` what a wildcard serves. */
    known: KnownRoutes;
    /** Aborted with SHUTTING_DOWN when the server stops: end what is streamed. */
    stopping: AbortSignal;
  }
}

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  /** Further names under which it is reached; see `http.hosts`. */
  readonly hosts?: readonly string[];
  readonly identity: Identity;
  /** Where refusals are written down; absent = nowhere. */
  readonly audit?: Audit | undefined;
  readonly health: ServerHealth;
  readonly log: Logger;
  /** Allows an address that other machines reach although every caller is believed. */
  readonly insecure?: boolean;
  readonly tls?: ServerTls | undefined;
  /** What `/metrics` tells; absent = there is none. */
  readonly metrics?: ProcessMetrics | undefined;
  /** Bounds the requests of each caller, where the calls that are made for them are not bounded; absent = any number. */
  readonly limit?: CallLimit | undefined;
  /** Absent = requests are not logged. */
  readonly accessLog?: AccessLog | undefined;
  /** Larger bodies are refused with MESSAGE_TOO_LARGE. Default 16 MiB. */
  readonly maxBodyBytes?: number;
  /** How long `stop` waits for requests that are being served. Default 5 s. */
  readonly shutdownGraceMs?: number;
  /** How long headers may take, and a connection without a request may last. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long a body may pause. Default 60 s. */
  readonly bodyPauseMs?: number;
  readonly clock?: Clock;
}

/** The HTTP listener of a process. Routes are registered on `app` before `start`. */
export interface HttpServer {
  readonly app: FastifyInstance;
  /** Where it listens, with the real port. Throws before `start`. */
  readonly address: ListenAddress;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /** Listens. Throws INVALID_CONFIG and ADDRESS_IN_USE, both about `http.listen`. */
  start(): Promise<void>;
  /** Refuses requests, ends streams, waits for the rest as long as the grace, and frees the port. */
  stop(): Promise<void>;
}

const MAX_HEADER_BYTES = 16 << 10;
const KEEP_ALIVE_MS = 30_000;

/**
 * An HTTP server with `/healthz`, `/readyz` and `/metrics`, that knows the caller of each request (`request.caller`), answers errors with
 * `google.rpc.Status` as JSON, and keeps pages of other sites out.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  // Processes and commands that serve no HTTP start sooner.
  // By its default: named exports of a CommonJS package get lost in a bundle.
  const { default: fastify } = await import('fastify');
  return new FastifyServer(options, fastify(appOptions(options)));
}

class FastifyServer implements HttpServer {
  readonly secure: boolean;
  readonly #stopping = new AbortController();
  readonly #sameSite: SameSite;
  #address: ListenAddress | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly options: HttpServerOptions,
    readonly app: FastifyInstance,
  ) {
    this.secure = options.tls !== undefined;
    this.#sameSite = new SameSite(options.hosts ?? []);
    app.decorate('known', new KnownRoutes(app));
    app.decorate('stopping', this.#stopping.signal);
    app.decorateRequest('caller', undefined as unknown as Caller);
    app.decorateRequest('trace', undefined);
    traceRequests(app, options.health.version);
    watchRequests(app, options);
    app.addHook('onRequest', (request) => this.#admit(request));
    app.addHook('onResponse', (_request, _reply, done) => {
      // What was served while the server stops leaves a connection that nobody needs.
      if (this.#stopping.signal.aborted) app.server.closeIdleConnections();
      done();
    });
    app.setErrorHandler((error, request, reply) => this.#answerError(error, request, reply));
    app.setNotFoundHandler((request, reply) =>
      this.#answerError(app.known.missing(request.method, pathOf(request)), request, reply),
    );
    const { health, metrics } = options;
    void app.register(healthRoutes, { health });
    if (metrics === undefined) return;
    metrics.add(...healthFamilies(health));
    void app.register(metricsRoute, { metrics });
  }

  get address(): ListenAddress {
    if (this.#address === undefined) throw new Error('the HTTP server does not listen yet');
    return this.#address;
  }

  async start(): Promise<void> {
    const { listen, insecure = false, identity } = this.options;
    if (identity.open && !insecure) requireLoopback(listen, 'http.listen');
    const { server } = this.app;
    this.options.tls?.follow(server as unknown as TlsServer);
    await this.app.ready();
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void => {
        reject(listenError(listen, error));
      };
      server.once('error', failed);
      server.listen({ host: listen.host, port: listen.port }, () => {
        server.off('error', failed);
        resolve();
      });
    });
    this.#address = { host: listen.host, port: (server.address() as AddressInfo).port };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { clock = systemClock(), shutdownGraceMs = 5000 } = this.options;
    this.#stopping.abort(shuttingDown());
    const timer = clock.after(shutdownGraceMs, () => {
      this.app.server.closeAllConnections();
    });
    await this.app.close();
    timer.cancel();
  }

  /** Lets a request in, with its caller. */
  async #admit(request: FastifyRequest): Promise<void> {
    const { identity } = this.options;
    const { raw } = request;
    if (this.#stopping.signal.aborted) throw shuttingDown();
    // Browsers send Basic's credentials along by themselves, so that pages of other sites are kept out in every mode.
    this.#sameSite.requireOrigin(raw.method ?? '', raw.headers);
    if (identity.open) this.#sameSite.requireHost(raw.headers);
    const { access, slowBody } = request.routeOptions.config;
    if (slowBody !== true) boundPauses(request, this.options.bodyPauseMs);
    if (access === 'open' || request.is404) return;
    const caller = await identity.callerOf(new ShownRequest(raw, identity.open));
    if (access !== undefined && !includesRole(caller.role, access)) throw denied(caller, access, pathOf(request));
    // In open mode their callers say themselves who they are to the roles, and are counted there.
    if (!identity.open) this.options.limit?.check(caller);
    request.caller = caller;
  }

  #answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { log, audit } = this.options;
    if (audit !== undefined) auditRefusal(audit, error, callOf(request));
    if (isUnexpected(error))
      log.error({ err: error, requestId: request.id, path: pathOf(request) }, 'a request failed');
    return sendError(error, request, reply);
  }
}

function appOptions(options: HttpServerOptions): FastifyServerOptions {
  const { headersTimeoutMs = 10_000, tls } = options;
  const server = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 4),
  };
  return {
    ...(tls === undefined ? { http: server } : { https: { ...tls.options, ...server } }),
    logger: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // A machine that is busy may take long for what the routes prepare.
    pluginTimeout: 0,
    bodyLimit: options.maxBodyBytes ?? 16 << 20,
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    // Requests that come while it stops are refused by a hook, with the error that all others get.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: nextRequestId,
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: answerClientError,
  };
}

/** No route says by a JSON schema what it takes or gives: what compiles these is not even loaded, for the sake of the start. */
function noSchemas(): never {
  throw new Error('a route has a JSON schema, and nothing here compiles one');
}

function sendError(error: unknown, { id }: { readonly id: string }, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = httpError(error, id);
  void reply.headers(headers);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** A request, as the audit tells it: without the query, in which people may put what nobody else should read. */
function callOf(request: FastifyRequest): RefusedCall {
  const { remoteAddress = '', remotePort = 0 } = request.raw.socket;
  return {
    method: `${request.method} ${pathOf(request)}`,
    peer: `${remoteAddress}:${String(remotePort)}`,
    requestId: request.id,
    // A request that was refused early has none, whatever the type says.
    caller: request.caller,
  };
}

/** The path that was asked for, as it came. */
function pathOf({ url }: { readonly url: string }): string {
  return url.split('?', 1)[0] ?? url;
}

function denied({ name, role }: Caller, least: Role, path: string): BerthError {
  return new BerthError(
    'PERMISSION_DENIED',
    `${name} has role '${role}' and may not use ${path}; that takes role '${least}'. Ask somebody who has it.`,
    { metadata: { role, required: least } },
  );
}

function listenError(address: ListenAddress, cause: Error & { readonly code?: string }): BerthError {
  const where = formatListenAddress(address);
  if (cause.code === 'EADDRINUSE') {
    const port = String(address.port);
    return new BerthError(
      'ADDRESS_IN_USE',
      `another process listens on ${where} already, where this one was to serve HTTP (http.listen); stop it (see who: ` +
        `"ss -ltnp sport = :${port}"), or choose another port with --http, for example --http 127.0.0.1:0 for a free one`,
      {
        preconditions: [{ type: 'ADDRESS', subject: where, description: 'is in use' }],
        metadata: { setting: 'http.listen' },
      },
      { cause },
    );
  }
  return new BerthError(
    'INVALID_CONFIG',
    `cannot listen for HTTP on ${where}: ${cause.message}; choose an address of this machine with --http (http.listen)`,
    { fields: [{ field: 'http.listen', description: cause.message }] },
    { cause },
  );
}
