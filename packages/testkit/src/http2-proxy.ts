import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { connect, constants, createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** Trailers or headers with which a proxy ends a call itself, for example `{ 'grpc-status': '14' }`. */
export type GrpcStatusHeaders = Readonly<Record<string, string>>;

/** A gRPC proxy on 127.0.0.1: a connection of its own to the server for each of a client, every stream passed on. */
export interface Http2Proxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Connections of clients that were ever opened. */
  readonly accepted: number;
  /** Connections of clients that are open now. */
  readonly connections: number;
  /** Streams that are open now. */
  readonly streams: number;
  /** RST_STREAM frames that clients sent. */
  readonly resets: number;
  /** As a reload does: GOAWAY(NO_ERROR) on every connection, and the streams on it are served on. */
  drain(): void;
  /** Ends every open stream with this RST_STREAM code. */
  reset(code: number): void;
  /** Ends every open stream with these trailers; undefined = without any. */
  end(trailers: GrpcStatusHeaders | undefined): void;
  /** Answers so many new calls itself, with these headers and nothing else. */
  refuse(calls: number, headers: GrpcStatusHeaders): void;
  /** Drops the connections of clients, and keeps its own to the server, with the streams on them. */
  cut(): void;
  stop(): Promise<void>;
}

/** Starts a proxy to a gRPC server on a port of 127.0.0.1. */
export async function startHttp2Proxy(targetPort: number): Promise<Http2Proxy> {
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const streams = new Map<ServerHttp2Stream, PassedStream>();
  const upstreams = new Set<ReturnType<typeof connect>>();
  const refusal = { calls: 0, headers: {} as GrpcStatusHeaders };
  let accepted = 0;
  let resets = 0;

  const server = createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    accepted += 1;
    sessions.add(session);
    const upstream = connect(`http://127.0.0.1:${String(targetPort)}`);
    upstreams.add(upstream);
    upstream.on('error', () => {
      session.destroy();
    });
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      if (refusal.calls > 0) {
        refusal.calls -= 1;
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal.headers }, { endStream: true });
        return;
      }
      streams.set(stream, pass(stream, upstream.request(headers)));
      stream.on('aborted', () => (resets += stream.rstCode === constants.NGHTTP2_CANCEL && !session.destroyed ? 1 : 0));
      stream.on('close', () => streams.delete(stream));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${String(port)}`,
    get accepted() {
      return accepted;
    },
    get connections() {
      return sessions.size;
    },
    get streams() {
      return streams.size;
    },
    get resets() {
      return resets;
    },
    drain() {
      for (const session of sessions) session.close();
    },
    reset(code) {
      for (const stream of streams.keys()) stream.close(code);
    },
    end(trailers) {
      for (const passed of streams.values()) passed.end(trailers);
    },
    refuse(calls, headers) {
      Object.assign(refusal, { calls, headers });
    },
    cut() {
      for (const passed of streams.values()) passed.keepHalf();
      // Not the session: that would say goodbye first.
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const session of [...sessions, ...upstreams]) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface PassedStream {
  end(trailers: GrpcStatusHeaders | undefined): void;
  /** The server is not told that the client's side is gone. */
  keepHalf(): void;
}

/** Passes a stream on in both directions, with trailers and resets. */
function pass(client: ServerHttp2Stream, server: ReturnType<ReturnType<typeof connect>['request']>): PassedStream {
  let trailers: OutgoingHttpHeaders | undefined;
  let kept = false;
  let over = false;
  const respond = (headers: IncomingHttpHeaders | OutgoingHttpHeaders): void => {
    if (!client.headersSent && !client.destroyed) client.respond(headers, { waitForTrailers: true });
  };
  client.on('wantTrailers', () => {
    if (trailers) client.sendTrailers(trailers);
    else client.close(constants.NGHTTP2_NO_ERROR);
  });
  client.on('data', (data: Buffer) => server.write(data));
  client.on('end', () => server.end());
  client.on('close', () => {
    if (!kept && !server.destroyed) server.close(constants.NGHTTP2_CANCEL);
  });
  server.on('error', () => undefined);
  server.on('response', (headers, flags) => {
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) respond(headers);
    else if (!client.destroyed) client.respond(headers, { endStream: true });
  });
  server.on('trailers', (received: IncomingHttpHeaders) => (trailers = received));
  server.on('data', (data: Buffer) => {
    if (!over && !client.destroyed) client.write(data);
  });
  server.on('end', () => {
    if (!over && !client.destroyed) client.end();
  });
  server.on('close', () => {
    if (!over && !client.writableEnded && !client.destroyed) client.close(server.rstCode || constants.NGHTTP2_CANCEL);
  });
  return {
    end(given) {
      over = true;
      trailers = given;
      respond({ ':status': 200, 'content-type': 'application/grpc' });
      client.end();
    },
    keepHalf() {
      kept = true;
    },
  };
}
