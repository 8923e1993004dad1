import { steadyClock } from '@berth/kernel';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import { createGrpcServer, createLog } from '@berth/server';
import { openRedisEventLogStore, openSqliteEventLogStore } from '@berth/storage';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { createLeaseService, leaseConfigSchema } from '../index.js';
import { TestClient } from './test-client.fixture.js';

/** The inventory of the design page, and two more benches that are alike. */
export const INVENTORY = `
pool:
  name: "software update testbenches"
  resources:
    resource1:
      attributes: ["a", "b"]
      location: "office1"
      entities:
        programmer:
          attributes: ["c", "d"]
          properties: { socket: 127.0.0.1:1234, api_key: xyz }
        dut:
          attributes: ["e", "f"]
          properties: { socket: 127.0.0.1:4567, api_key: foobar }
    twin1: { attributes: [twin], properties: { key: one } }
    twin2: { attributes: [twin], properties: { key: two } }
`;

export interface LabServer {
  readonly lease: TestClient<typeof LeaseServiceDefinition>;
  readonly inventory: TestClient<typeof InventoryServiceDefinition>;
  /** Stops the service and the server; also done when the test ends. */
  readonly stop: () => Promise<void>;
}

/** Serves a lab, in memory (unless on the Redis at `redisUrl`) and on a free port, until the test ends. */
export async function serveLab(t: ExecutionContext, inventory = INVENTORY, redisUrl = ''): Promise<LabServer> {
  const clock = steadyClock();
  const log = createLog({ level: 'error', format: 'text' });
  const store =
    redisUrl === ''
      ? await openSqliteEventLogStore({ dir: ':memory:', clock })
      : await openRedisEventLogStore({ url: redisUrl, clock });
  const service = createLeaseService(leaseConfigSchema.parse({ priorityCaps: { user: 80 } }), {
    store,
    clock,
    logger: log,
    failpoint: () => Promise.resolve(),
    storeWorks: () => undefined,
    inventory,
  });
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log, shutdownGraceMs: 500 });
  for (const definition of service.definitions) server.add(definition);
  await service.start();
  const { port } = await server.start();
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await service.stop();
    await server.stop();
    await store.close();
  };
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  t.teardown(async () => {
    await stopOnce();
    client.close();
  });
  return {
    lease: new TestClient(client, LeaseServiceDefinition),
    inventory: new TestClient(client, InventoryServiceDefinition),
    stop: stopOnce,
  };
}
