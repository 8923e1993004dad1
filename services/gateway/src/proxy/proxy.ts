import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Session,
} from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { Server as NetServer } from 'node:net';
import { BerthError } from '@berth/kernel';
import type { Caller, KeepAlive, ListenAddress } from '@berth/server';
import { auditRefusal, errorStatus, keepAlive, sayGoodbye, shuttingDown } from '@berth/server';
import type { status as Status } from '@grpc/grpc-js';
import { ClientConnection } from './client-connection.js';
import { createListener, listen } from './client-listener.js';
import { answerError, answerStatus } from './error-answer.js';
import { answerMessage } from './message-answer.js';
import { PassedCall } from './passed-call.js';
import { headersToOwn, headersToRole } from './passed-headers.js';
import type { ProxyOptions } from './proxy-options.js';
import type { RoleConnection } from './role-connection.js';
import { roleUnavailable } from './role-connection.js';
import { roleOfPath } from './role-of-path.js';
import type { RoleTargets } from './role-target.js';
import { ShownHeaders } from './shown-headers.js';

/** A client's call, before it is clear what becomes of it. */
interface Asked {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly connection: ClientConnection;
  /** Once it is known, and the call is passed on for it. */
  caller?: Caller;
}

const GRPC_ITSELF = '/grpc.';
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-/;
/** A role that is away is told within 2 s. */
const CONNECT_MS = 1900;
/** Where other processes serve the role, a stream that broke may be opened again soon. */
const AGAIN_MS = 250;
/** For the last words to leave. */
const CLOSE_CONNECTIONS_MS = 250;

/**
 * The address of all roles: passes calls of gRPC on to the role that their service belongs to, bytes as they are, and says
 * for whom it calls.
 */
export class Proxy {
  readonly #server: Http2Server | Http2SecureServer;
  readonly #connections = new Map<ServerHttp2Session, ClientConnection>();
  /** The calls of roles that are open. */
  readonly #calls = new Set<PassedCall>();
  readonly #ownCalls = new Set<PassedCall>();
  readonly #keepAlive: KeepAlive;
  #address: ListenAddress | undefined;
  #isStopping = false;
  #isStopped = false;
  #whenIdle: () => void = () => undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: ProxyOptions) {
    const { clock, keepaliveTimeMs: timeMs, keepaliveTimeoutMs: timeoutMs } = options;
    this.#keepAlive = { clock, timeMs, timeoutMs };
    this.#server = createListener(options);
    this.#server.on('session', (session) => {
      this.#open(session);
    });
    this.#server.on('stream', (stream, headers) => {
      this.#ask(stream, headers);
    });
  }

  /** Where it listens, with the real port. Throws before `start`. */
  get address(): ListenAddress {
    if (this.#address === undefined) throw new Error('the proxy does not listen yet');
    return this.#address;
  }

  /** Calls that are passed on to roles. */
  get openCalls(): number {
    return this.#calls.size;
  }

  /** Listens. Throws INVALID_CONFIG and ADDRESS_IN_USE. */
  async start(): Promise<void> {
    this.#address = await listen(this.#server, this.options.listen);
  }

  /** Takes no new connections and calls, and tells clients to go elsewhere with their next ones (GOAWAY). */
  refuseCalls(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const session of this.#connections.keys()) sayGoodbye(session);
    // Not `close` of HTTP/2: from Node.js 24 on it also says goodbye to each connection, with a smaller number of a last stream.
    // A client takes the larger one after it as a fault of the protocol, and loses all of its streams.
    NetServer.prototype.close.call(this.#server);
  }

  /**
   * Stops: refuses calls, waits for those that are open as long as the grace, ends the rest with SHUTTING_DOWN, and closes all
   * connections. The same promise each time.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.refuseCalls();
    if (this.#calls.size > 0) await this.#within(this.options.shutdownGraceMs, (idle) => (this.#whenIdle = idle));
    const left = [...this.#calls, ...this.#ownCalls];
    for (const call of left) call.fail(shuttingDown());
    if (left.length > 0) await this.#within(CLOSE_CONNECTIONS_MS, (idle) => (this.#whenIdle = idle));
    this.#isStopped = true;
    for (const session of this.#connections.keys()) session.destroy();
  }

  #within(ms: number, wait: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.clock.after(ms, resolve);
      wait(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #open(session: ServerHttp2Session): void {
    this.#connections.set(
      session,
      new ClientConnection(session, {
        connectMs: CONNECT_MS,
        keepAlive: this.#keepAlive,
        isLeft: () => this.#isStopping && !this.#isStopped,
      }),
    );
    // A client that goes without a word is nothing to tell of.
    session.on('error', () => undefined);
    session.once('close', () => this.#connections.delete(session));
    keepAlive(session, this.#keepAlive);
  }

  #ask(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // Each error is followed by 'close'.
    stream.on('error', () => undefined);
    const { ':path': path = '', ':method': method, 'content-type': type = '' } = headers;
    const connection = stream.session && this.#connections.get(stream.session as ServerHttp2Session);
    if (connection === undefined) stream.destroy();
    else if (method !== 'POST') answerStatus(stream, 405);
    else if (!type.startsWith('application/grpc')) answerStatus(stream, 415);
    else this.#admit({ stream, headers, path, connection });
  }

  #admit(asked: Asked): void {
    const { headers, path, connection } = asked;
    const { identity, answers, own } = this.options;
    try {
      if (this.#isStopping) throw shuttingDown();
      const role = this.#roleOf(path);
      if (role === own) {
        this.#pass(asked, own, headersToOwn(headers), this.#ownCalls);
        return;
      }
      const caller = identity.callerOf(new ShownHeaders(headers, connection.certificate));
      const serve = (made: Caller): void => {
        if (role === undefined) answerMessage(asked.stream, (answers.get(path) as (of: Caller) => Uint8Array)(made));
        else this.#passFor(made, asked, role);
      };
      if (!(caller instanceof Promise)) serve(caller);
      else caller.then(serve).catch((error: unknown) => this.#refuse(asked, error));
    } catch (error) {
      this.#refuse(asked, error);
    }
  }

  /** Where a call goes on to; undefined = the proxy answers it. Throws NO_SUCH_METHOD. */
  #roleOf(path: string): RoleTargets | undefined {
    const { roles, own, answers } = this.options;
    const role = roles.get(roleOfPath(path) ?? '');
    if (role !== undefined) return role;
    if (answers.has(path)) return undefined;
    if (path.startsWith(GRPC_ITSELF)) return own;
    throw noSuchMethod(path, [...roles.keys()]);
  }

  #passFor(caller: Caller, asked: Asked, role: RoleTargets): void {
    if (asked.stream.closed) return;
    const { limit, credential } = this.options;
    limit?.check(caller);
    asked.caller = caller;
    this.#pass(asked, role, headersToRole(asked.headers, caller, credential()), this.#calls);
  }

  #pass(asked: Asked, role: RoleTargets, headers: OutgoingHttpHeaders, calls: Set<PassedCall>): void {
    const to = asked.connection.to(role);
    if (!(to instanceof Promise)) this.#passTo(to, asked, role, headers, calls);
    else {
      to.then((made) => {
        if (!asked.stream.closed) this.#passTo(made, asked, role, headers, calls);
      }).catch((error: unknown) => this.#refuse(asked, error));
    }
  }

  #passTo(
    to: RoleConnection,
    asked: Asked,
    { role }: RoleTargets,
    headers: OutgoingHttpHeaders,
    calls: Set<PassedCall>,
  ): void {
    const broken = (): BerthError => roleUnavailable(role, `the connection to ${to.target.name} broke`, AGAIN_MS);
    // It may have broken since it was made, or the role has said goodbye.
    if (!to.isUsable) throw broken();
    const stream = to.request(headers);
    const ended = watchCall(asked, this.options.watchOf);
    const call: PassedCall = new PassedCall(asked.stream, stream, {
      isDisconnected: () => to.isGone,
      afterGone: (tell) => {
        asked.connection.afterGone(tell);
      },
      broken,
      over: (code, reason) => {
        calls.delete(call);
        ended?.(code, reason);
        if (this.#calls.size === 0) this.#whenIdle();
      },
    });
    calls.add(call);
  }

  #refuse({ stream, path, connection }: Asked, error: unknown): void {
    const { audit } = this.options;
    if (audit !== undefined) auditRefusal(audit, error, { method: path, peer: connection.peer, requestId: '' });
    const told = error instanceof BerthError ? error : unforeseen(error);
    if (told !== error) this.options.log.error({ err: error, method: path }, 'a call could not be passed on');
    this.options.watchOf(path)?.refused({ method: path, peer: connection.peer }, errorStatus(told).code, told.reason);
    answerError(stream, told);
  }
}

/** Begins to watch a call that is passed on; the function is to be called at its end. Undefined when nothing watches. */
function watchCall(
  { path, caller, headers, connection }: Asked,
  watchOf: ProxyOptions['watchOf'],
): ((code: Status, reason?: string) => void) | undefined {
  if (caller === undefined) return undefined;
  const watch = watchOf(path);
  if (watch === undefined) return undefined;
  const startedMs = watch.opened();
  const [, traceId] = TRACE.exec(String(headers['traceparent'])) ?? [];
  const { peer } = connection;
  return (code, reason) => {
    watch.ended({ startedMs, requestId: '', method: path, caller, peer, traceId }, code, reason);
  };
}

function unforeseen(cause: unknown): BerthError {
  const text = 'the gateway failed in a way it did not foresee; its log has the cause';
  return new BerthError('INTERNAL', text, {}, { cause });
}

function noSuchMethod(path: string, roles: readonly string[]): BerthError {
  return new BerthError(
    'NO_SUCH_METHOD',
    `the gateway knows no service for ${path}; it passes on the services of ${roles.join(', ')} (grpcurl HOST:PORT list shows them)`,
    { metadata: { method: path } },
  );
}
