import { steadyClock } from '@berth/kernel';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import { createGrpcServer, createLog } from '@berth/server';
import { openRedisEventLogStore, openSqliteEventLogStore } from '@berth/storage';
import { requireServer, serveService, startRedisServer } from '@berth/testkit';
import { TestClient } from '@berth/testkit/test-client';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext, TestFn } from 'ava';
import { createLeaseService, leaseConfigSchema } from '../index.js';

/** The inventory of the design page. */
export const DESIGN_INVENTORY = `
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
`;

/** The inventory of the design page with two more benches that are alike. */
export const INVENTORY = `${DESIGN_INVENTORY}    twin1: { attributes: [twin], properties: { key: one } }
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
  const { address, stop } = await serveService(server, service);
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => (stopped ??= stop().then(() => store.close()));
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

async function serveLabOnRedis(t: ExecutionContext): Promise<LabServer> {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  return serveLab(t, INVENTORY, redis.url);
}

/** The engines that this machine has, each with what serves a lab on it until the test ends. */
export function labEngines(test: TestFn): readonly (readonly [string, (t: ExecutionContext) => Promise<LabServer>])[] {
  const sqlite = ['SQLite', (t: ExecutionContext) => serveLab(t)] as const;
  return requireServer(test, 'redis-server') ? [sqlite, ['Redis', serveLabOnRedis]] : [sqlite];
}
