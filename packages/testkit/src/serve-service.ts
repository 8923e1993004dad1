import type { GrpcServer, ServedService } from '@berth/server';

/** A service as its factory makes it. */
interface Service {
  readonly definitions: readonly ServedService[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A service that serves. */
export interface ServingService {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Stops the service and its server. The same promise each time. */
  readonly stop: () => Promise<void>;
}

/** Starts a service on a server of 127.0.0.1 that has not started yet. */
export async function serveService(server: GrpcServer, service: Service): Promise<ServingService> {
  for (const definition of service.definitions) server.add(definition);
  await service.start();
  const { port } = await server.start();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await service.stop();
    await server.stop();
  };
  return { address: `127.0.0.1:${String(port)}`, stop: () => (stopped ??= stop()) };
}
