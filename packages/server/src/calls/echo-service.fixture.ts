// A service with one method of each shape, served on a real port, for the tests of this package.
import type { Clock } from '@berth/kernel';
import { Duration } from '@berth/proto/google/protobuf/duration';
import { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import { Client, credentials } from '@grpc/grpc-js';
import type { ChannelOptions } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { AccessTable } from '../access/access.js';
import type { GrpcServer, GrpcServerOptions } from '../grpc-server.js';
import { createGrpcServer } from '../grpc-server.js';
import { encodedBytes } from './pre-encoded.js';
import type { ServiceImplementation } from './service-definition.js';
import { servedService } from './service-definition.js';

export const EchoDefinition = {
  name: 'Echo',
  fullName: 'berth.test.v1.Echo',
  methods: {
    echo: {
      name: 'Echo',
      requestType: ErrorInfo,
      requestStream: false,
      responseType: ErrorInfo,
      responseStream: false,
      options: {},
    },
    count: {
      name: 'Count',
      requestType: Duration,
      requestStream: false,
      responseType: ErrorInfo,
      responseStream: true,
      options: {},
    },
    sum: {
      name: 'Sum',
      requestType: Duration,
      requestStream: true,
      responseType: Duration,
      responseStream: false,
      options: {},
    },
    chat: {
      name: 'Chat',
      requestType: ErrorInfo,
      requestStream: true,
      responseType: ErrorInfo,
      responseStream: true,
      options: {},
    },
  },
} as const;

export type EchoImplementation = ServiceImplementation<typeof EchoDefinition>;

export function word(reason: string): ErrorInfo {
  return { reason, domain: '', metadata: {} };
}

/** An implementation that answers UNIMPLEMENTED-like nonsense except for the methods given. */
function echo(methods: Partial<EchoImplementation>): EchoImplementation {
  return {
    echo: async (request) => Promise.resolve(request),
    count: async () => Promise.resolve(),
    sum: async () => Promise.resolve({ seconds: 0, nanos: 0 }),
    chat: async () => Promise.resolve(),
    ...methods,
  };
}

export interface EchoServer {
  readonly server: GrpcServer;
  readonly client: Client;
  /** What the server logged, newest last. */
  readonly logged: Record<string, unknown>[];
  /** Another connection to the server. */
  readonly connect: (options?: ChannelOptions) => Client;
}

export interface EchoOptions extends Partial<GrpcServerOptions> {
  readonly clock?: Clock;
  /** Default: viewers may call everything. */
  readonly access?: AccessTable<typeof EchoDefinition>;
}

const ECHO_ACCESS = { echo: 'viewer', count: 'viewer', sum: 'viewer', chat: 'viewer' } as const;

/** Serves the methods on a free port until the test ends. */
export async function serveEcho(
  t: ExecutionContext,
  methods: Partial<EchoImplementation>,
  options: EchoOptions = {},
): Promise<EchoServer> {
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'trace' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log, shutdownGraceMs: 500, ...options });
  server.add(servedService(EchoDefinition, echo(methods), options.access ?? ECHO_ACCESS));
  const { port } = await server.start();
  server.health.setAll(true);
  const connect = (channel: ChannelOptions = {}): Client => {
    const client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      ...channel,
    });
    t.teardown(() => {
      client.close();
    });
    return client;
  };
  t.teardown(() => server.stop());
  return { server, client: connect(), logged, connect };
}

export function encodeWord(message: ErrorInfo): Buffer {
  return encodedBytes(ErrorInfo, message);
}

export function decodeWord(bytes: Buffer): ErrorInfo {
  return ErrorInfo.decode(bytes);
}

export function encodeSpan(message: Duration): Buffer {
  return encodedBytes(Duration, message);
}

export function decodeSpan(bytes: Buffer): Duration {
  return Duration.decode(bytes);
}

export const PATH = {
  echo: '/berth.test.v1.Echo/Echo',
  count: '/berth.test.v1.Echo/Count',
  sum: '/berth.test.v1.Echo/Sum',
  chat: '/berth.test.v1.Echo/Chat',
} as const;
