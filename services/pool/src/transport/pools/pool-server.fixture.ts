// The methods for pools and logs, served on a real port, with real commands.
import { runCommand } from '@berth/commands';
import { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import { createGrpcServer, servedService } from '@berth/server';
import type { CollectionStore } from '@berth/storage';
import { openSqliteCollectionStore } from '@berth/storage';
import type { Clock } from '@berth/kernel';
import { partOfService, serveService } from '@berth/testkit';
import { TestClient } from '@berth/testkit/test-client';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { PoolsInForce } from '../../app/pools-in-force.js';
import { RunLogs } from '../../app/run-logs.js';
import type { PoolDocument } from '../../domain/pool-document.js';
import type { Resource } from '../../domain/resource.js';
import { newResource } from '../../domain/life.js';
import type { Collection } from '../../ports/collections.js';
import { POOLS, RESOURCES } from '../../ports/collections.js';
import { openInForce } from '../../store/open-in-force.js';
import { openLogs } from '../../store/open-logs.js';
import { openSweeps } from '../../store/open-sweeps.js';
import { POOL_ACCESS } from '../access-table.js';
import { logHandlers } from './log-handlers.js';
import { poolHandlers } from './pool-handlers.js';

export type PoolClient = TestClient<typeof PoolServiceDefinition>;

export interface PoolServer {
  readonly client: PoolClient;
  readonly inForce: PoolsInForce;
  readonly logs: RunLogs;
  readonly resources: Collection<Resource>;
  readonly pools: Collection<PoolDocument>;
  /** Adds a resource of a pool that is in force, as the reconciler does. */
  readonly addResource: (pool: string, changes?: Partial<Resource>) => Promise<Resource>;
}

async function openCollections(store: CollectionStore) {
  const answered = { name: 'answered', fields: ['answeredIds'], unique: true };
  return {
    inForce: await openInForce(store),
    pools: await store.collection<PoolDocument>({ name: POOLS, indexes: [answered] }),
    resources: await store.collection<Resource>({
      name: RESOURCES,
      indexes: [
        { name: 'name', fields: ['name'] },
        { name: 'live_name', fields: ['liveName'], unique: true },
        { name: 'live_id_in_pool', fields: ['liveIdInPool'], unique: true },
      ],
    }),
    logs: await openLogs(store),
    sweeps: await openSweeps(store),
  };
}

export async function servePools(t: ExecutionContext, clock: Clock): Promise<PoolServer> {
  const store = await openSqliteCollectionStore({ dir: ':memory:' });
  const { sweeps, logs: logCollections, ...collections } = await openCollections(store);
  const { pools, resources } = collections;
  const logger = pino({ level: 'silent' });
  const inForce = new PoolsInForce({ ...collections, clock, logger, requestIdTtlMs: 86_400_000 });
  const logs = new RunLogs(logCollections, clock, logger);
  const stop = new AbortController();
  const runner = { host: 'here', run: runCommand, kill: () => Promise.resolve() };
  const sweep = { runner, logs, logger, clock, resources, sweeps };
  const parts = {
    ...poolHandlers(() => ({ inForce, pools, resources, clock, sweep, signal: stop.signal })),
    ...logHandlers(() => ({ resources, logs: logCollections, clock })),
  };
  const served = await serveService(
    createGrpcServer({ host: '127.0.0.1', port: 0, log: logger, shutdownGraceMs: 200 }),
    {
      definitions: [servedService(PoolServiceDefinition, partOfService(PoolServiceDefinition, parts), POOL_ACCESS)],
      start: () => inForce.start(),
      stop: async () => {
        stop.abort();
        await inForce.stop();
      },
    },
  );
  const channel = new Client(served.address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  t.teardown(async () => {
    channel.close();
    await served.stop();
    await logs.settle();
    await store.close();
  });
  let number = 0;
  const addResource = async (pool: string, changes: Partial<Resource> = {}): Promise<Resource> => {
    number += 1;
    const { options } = inForce.named(pool);
    const numbers = { number, name: `${pool}_${number}`, idInPool: number, counters: {} };
    const resource = { ...newResource({ options, ...numbers, run: 'r', host: 'here' }, clock.now()), ...changes };
    await resources.insert([resource]);
    return resource;
  };
  const client = new TestClient(channel, PoolServiceDefinition);
  return { client, inForce, logs, resources, pools, addResource };
}
