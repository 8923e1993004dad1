import type { Clock } from '@berth/kernel';
import { systemClock } from '@berth/kernel';
import type { HttpServer, HttpServerOptions, ServedService } from '@berth/server';
import { createGrpcServer, createHttpServer, formatListenAddress, openIdentity } from '@berth/server';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { createGatewayService } from './index.js';

export interface GatewayServer {
  /** `http://127.0.0.1:<port>` */
  readonly base: string;
  readonly http: HttpServer;
  /** What both servers logged, newest last. */
  readonly logged: Record<string, unknown>[];
}

export interface GatewayServerOptions extends Partial<HttpServerOptions> {
  /** The clock of the gateway's routes. */
  readonly routeClock?: Clock;
}

/** A gRPC server with these services, and the HTTP half of the gateway before it, until the test ends. */
export async function serveGateway(
  t: ExecutionContext,
  services: readonly ServedService[],
  { routeClock = systemClock(), ...options }: GatewayServerOptions = {},
): Promise<GatewayServer> {
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'trace' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const grpc = createGrpcServer({ host: '127.0.0.1', port: 0, log, shutdownGraceMs: 500 });
  for (const service of services) grpc.add(service);
  const address = await grpc.start();
  const http = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    identity: openIdentity(),
    health: grpc.health,
    log,
    shutdownGraceMs: 500,
    ...options,
  });
  const gateway = createGatewayService({
    app: http.app,
    grpc: { address: () => formatListenAddress(address), secret: '' },
    clock: routeClock,
    log,
    version: '0.0.0',
  });
  await http.start();
  grpc.health.setAll(true);
  t.teardown(async () => {
    await http.stop();
    await gateway.stop();
    await grpc.stop();
  });
  return { base: `http://${formatListenAddress(http.address)}`, http, logged };
}
