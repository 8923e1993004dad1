// A proxy in front of roles with one method of each shape, on real ports, for the tests of this folder.
import { systemClock } from '@berth/kernel';
import { Duration } from '@berth/proto/google/protobuf/duration';
import { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import type { Audit, GrpcServer, GrpcServerOptions, Identity, ServiceImplementation } from '@berth/server';
import { createGrpcServer, openIdentity, servedService } from '@berth/server';
import { Client, credentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { LookedUpTargets } from './looked-up-targets.js';
import { ownTargets } from './own-target.js';
import { Proxy } from './proxy.js';
import type { ProxyOptions } from './proxy-options.js';
import { parseRoleAddresses } from './role-address.js';

/** A service of a role named `test`. */
export const EchoDefinition = {
  name: 'Echo',
  fullName: 'berth.test.v1.Echo',
  methods: {
    echo: method('Echo', ErrorInfo, false, ErrorInfo, false),
    count: method('Count', Duration, false, ErrorInfo, true),
    sum: method('Sum', Duration, true, Duration, false),
    chat: method('Chat', ErrorInfo, true, ErrorInfo, true),
  },
} as const;

function method<Q, S, QS extends boolean, SS extends boolean>(
  name: string,
  requestType: Q,
  requestStream: QS,
  responseType: S,
  responseStream: SS,
) {
  return { name, requestType, requestStream, responseType, responseStream, options: {} } as const;
}

export const PATH = {
  echo: '/berth.test.v1.Echo/Echo',
  count: '/berth.test.v1.Echo/Count',
  sum: '/berth.test.v1.Echo/Sum',
  chat: '/berth.test.v1.Echo/Chat',
} as const;

export type EchoMethods = ServiceImplementation<typeof EchoDefinition>;

const ECHO: EchoMethods = {
  echo: (request) => Promise.resolve(request),
  count: async () => Promise.resolve(),
  async sum(requests) {
    let seconds = 0;
    for await (const request of requests) seconds += request.seconds;
    return { seconds, nanos: 0 };
  },
  async chat(requests, _call, out) {
    for await (const request of requests) await out.write(request);
  },
};

/** A `count` that says that it is open, and stays so until its call is over. */
export const stayOpen: EchoMethods['count'] = async (_request, call, out) => {
  await out.write(word('open'));
  await new Promise<void>((resolve) => {
    call.onOver(resolve);
  });
};

const silent = pino({ level: 'silent' });
const ACCESS = { echo: 'viewer', count: 'viewer', sum: 'viewer', chat: 'viewer' } as const;

/** A process of the role. */
export async function startRole(
  t: ExecutionContext,
  methods: Partial<EchoMethods> = {},
  options: Partial<GrpcServerOptions> = {},
): Promise<GrpcServer> {
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log: silent, shutdownGraceMs: 500, ...options });
  server.add(servedService(EchoDefinition, { ...ECHO, ...methods }, ACCESS));
  await server.start();
  server.health.setAll(true);
  t.teardown(() => server.stop());
  return server;
}

export interface ProxySetting {
  readonly identity?: Identity;
  readonly audit?: Audit;
  readonly options?: Partial<ProxyOptions>;
}

export interface TestProxy {
  readonly proxy: Proxy;
  readonly targets: LookedUpTargets;
  /** A client with a connection of its own. */
  readonly connect: (options?: ChannelOptions, secured?: ChannelCredentials) => Client;
  readonly port: number;
}

/** A proxy to these addresses of the role. */
export async function startProxy(
  t: ExecutionContext,
  addresses: readonly string[],
  { identity = openIdentity(), options = {} }: ProxySetting = {},
): Promise<TestProxy> {
  const clock = systemClock();
  const keepAlive = { clock, timeMs: options.keepaliveTimeMs ?? 10_000, timeoutMs: options.keepaliveTimeoutMs ?? 5000 };
  const own = createGrpcServer({ host: '127.0.0.1', port: 0, log: silent, identity });
  own.announce(EchoDefinition.fullName);
  own.addReflection();
  const targets = new LookedUpTargets({
    role: 'test',
    addresses: parseRoleAddresses(addresses.join(','), 'test.address'),
    tls: undefined,
    service: EchoDefinition.fullName,
    keepAlive,
    log: silent,
    told: own.health.part('role test', () => [EchoDefinition.fullName]),
  });
  const proxy = new Proxy({
    listen: { host: '127.0.0.1', port: 0 },
    identity,
    roles: new Map([['test', targets]]),
    own: ownTargets(() => own.address),
    answers: new Map(),
    credential: () => undefined,
    watchOf: () => undefined,
    maxStreamsPerConnection: 20_000,
    keepaliveTimeMs: keepAlive.timeMs,
    keepaliveTimeoutMs: keepAlive.timeoutMs,
    shutdownGraceMs: 2000,
    clock,
    log: silent,
    ...options,
  });
  await targets.start();
  await own.start();
  await proxy.start();
  own.health.setAll(true);
  t.teardown(async () => {
    await proxy.stop();
    targets.stop();
    await own.stop();
  });
  const { port } = proxy.address;
  const connect = (channel: ChannelOptions = {}, secured = credentials.createInsecure()): Client => {
    const client = new Client(`127.0.0.1:${String(port)}`, secured, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      ...channel,
    });
    t.teardown(() => {
      client.close();
    });
    return client;
  };
  return { proxy, targets, connect, port };
}

/** The address of a role's process. */
export function addressOf({ address }: GrpcServer): string {
  return `127.0.0.1:${String(address.port)}`;
}

export function word(reason: string): ErrorInfo {
  return { reason, domain: '', metadata: {} };
}
