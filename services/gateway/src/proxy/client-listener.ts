import type { Http2SecureServer, Http2Server, ServerOptions } from 'node:http2';
import { createSecureServer, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '@berth/server';
import { listenError, resetLimitFor } from '@berth/server';
import type { ProxyOptions } from './proxy-options.js';

const MAX_HEADER_BYTES = 16 << 10;
/** For a sender who is far away: so much may be under way before the gateway says that it was taken. */
const CONNECTION_WINDOW_BYTES = 1 << 20;

/** An HTTP/2 server that does not listen yet. */
export function createListener({ tls, maxStreamsPerConnection }: ProxyOptions): Http2Server | Http2SecureServer {
  const options: ServerOptions = {
    settings: {
      maxConcurrentStreams: maxStreamsPerConnection,
      maxHeaderListSize: MAX_HEADER_BYTES,
      enablePush: false,
    },
    // The streams are bounded, and each by its window.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    ...resetLimitFor(process.versions.node).options,
  };
  if (tls === undefined) return createServer(options);
  const server = createSecureServer({ ...options, ...tls.options, allowHTTP1: false });
  tls.follow(server);
  return server;
}

/** Listens; gives the address with the real port. Throws INVALID_CONFIG and ADDRESS_IN_USE. */
export function listen(server: Http2Server | Http2SecureServer, { host, port }: ListenAddress): Promise<ListenAddress> {
  server.on('session', (session) => {
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  });
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(listenError({ host, port }, error));
    };
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}
