// Tickets that are served on a real port, for the lease service of a real berthd.
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Clock } from '@berth/kernel';
import { steadyClock } from '@berth/kernel';
import { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import { createGrpcServer, servedService } from '@berth/server';
import type { CollectionStore } from '@berth/storage';
import { inProcessLocks, openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import type { Berthd, DocumentEngine } from '@berth/testkit';
import { closedAfter, mongoDatabase, partOfService, serveService, startBerthd } from '@berth/testkit';
import { TestClient } from '@berth/testkit/test-client';
import { Client, credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { Tickets } from '../../tickets.js';
import { createTickets } from '../../tickets.js';
import { POOL_ACCESS } from '../access-table.js';

export type TicketClient = TestClient<typeof PoolServiceDefinition>;

export interface TicketServer {
  readonly tickets: Tickets;
  readonly client: TicketClient;
  /** Stops without a word, as when the process is killed: what is under way goes on until it is over. */
  readonly stop: () => Promise<void>;
}

export interface TicketScene {
  readonly berthd: Berthd;
  readonly store: CollectionStore;
  /** An operator of the lab, who stands in for a pool. */
  readonly operator: Berth;
  /** Starts a ticket service on the scene's store. */
  readonly serve: (options?: TicketOptions) => Promise<TicketServer>;
}

export interface TicketOptions {
  readonly unknownTags?: 'refuse' | 'wait';
  readonly clock?: Clock;
  readonly failpoint?: (name: string) => Promise<void> | void;
  /** False: what becomes of tickets is not followed. */
  readonly follow?: boolean;
}

const HOUR_MS = 3_600_000;

async function openStore(t: ExecutionContext, engine: DocumentEngine): Promise<CollectionStore> {
  const store =
    engine === 'sqlite'
      ? await openSqliteCollectionStore({ dir: ':memory:' })
      : await openMongoCollectionStore({ ...mongoDatabase(t), answerWithinMs: 60_000, selectWithinMs: 30_000 });
  t.teardown(() => store.close());
  return store;
}

/** A lab whose one pool `p` can make three benches with `vm`, and one bench of an inventory with `hw`. */
export async function ticketScene(
  t: ExecutionContext,
  engine: DocumentEngine = 'sqlite',
  limits: object = {},
): Promise<TicketScene> {
  const inventory = 'pool: { name: lab, resources: { hw1: { attributes: [hw], properties: { data: "by hand" } } } }';
  const berthd = await startBerthd({
    inventory,
    settings: { roles: ['lease'], lease: { priorityCaps: { user: 80 }, limits } },
  });
  t.teardown(() => berthd.stop());
  const operator = closedAfter(t, connect({ address: berthd.address, user: 'pool', role: 'operator' }));
  await operator.inventory.putOffer({ offer: { pool: 'p', attributes: [{ name: 'vm', weight: 0 }], available: 3 } });
  const store = await openStore(t, engine);
  const locks = inProcessLocks();

  async function serve(options: TicketOptions = {}): Promise<TicketServer> {
    const { unknownTags = 'refuse', clock = steadyClock(), failpoint = () => undefined, follow = true } = options;
    const logger = pino({ level: 'silent' });
    const lease = connect({ address: berthd.address, user: 'berth-pool', role: 'operator' });
    const tickets = createTickets({
      store,
      locks,
      clock,
      logger,
      failpoint,
      lease: () => Promise.resolve(lease),
      settings: { requestIdTtlMs: 24 * HOUR_MS, keepMs: 720 * HOUR_MS, unknownTags },
      isOnDemand: (_, tags) => tags.includes('vm'),
      isMade: (_, tags) => tags.includes('made'),
    });
    const handlers = partOfService(PoolServiceDefinition, tickets.handlers);
    const { address, stop } = await serveService(
      createGrpcServer({ host: '127.0.0.1', port: 0, log: logger, shutdownGraceMs: 200 }),
      {
        definitions: [servedService(PoolServiceDefinition, handlers, POOL_ACCESS)],
        start: () => tickets.open(),
        stop: () => tickets.stopFollowing(),
      },
    );
    if (follow) tickets.startFollowing();
    const channel = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
    let stopped: Promise<void> | undefined;
    const stopOnce = (): Promise<void> =>
      (stopped ??= stop().then(() => {
        channel.close();
        lease.close();
      }));
    t.teardown(stopOnce);
    return { tickets, client: new TestClient(channel, PoolServiceDefinition), stop: stopOnce };
  }
  return { berthd, store, operator, serve };
}

let benches = 0;

/** Adds a bench of the pool, as when a `cmd_new` has printed something. */
export async function supply({ operator }: TicketScene, properties: Record<string, string>): Promise<string> {
  const name = `p_${(benches += 1)}`;
  const attributes = [{ name: 'vm', weight: 0 }];
  await operator.inventory.createBench({ bench: { name, attributes, properties, origin: 'pool/p' } });
  return name;
}
