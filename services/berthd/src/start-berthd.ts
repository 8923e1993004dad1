import type { Clock } from '@berth/kernel';
import { steadyClock } from '@berth/kernel';
import type { LeaseService } from '@berth/lease';
import { createLeaseService } from '@berth/lease';
import type { GrpcServer, ListenAddress, Logger, Part } from '@berth/server';
import { createGrpcServer, failpoint, parseListenAddress, startParts } from '@berth/server';
import type { EventLogStore } from '@berth/storage';
import type { BerthdConfig } from './config.js';
import { VERSION } from './version.js';
import { openStore } from './open-store.js';
import { readInventory } from './read-inventory.js';

/** A berthd that serves. */
export interface Berthd {
  readonly address: ListenAddress;
  /** Stops well, in bounded time. The same promise each time. */
  readonly stop: () => Promise<void>;
}

interface Wiring {
  readonly config: BerthdConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly store: EventLogStore;
  readonly server: GrpcServer;
}

/** Starts the roles of the configuration in this process; serving when it resolves. Throws BerthError for a bad environment. */
export async function startBerthd(config: BerthdConfig, log: Logger): Promise<Berthd> {
  const clock = steadyClock();
  const server = createGrpcServer({
    ...parseListenAddress(config.listen),
    ...config.server,
    insecure: config.insecure,
    version: VERSION,
    log,
  });
  const inventory = config.inventory === undefined ? undefined : await readInventory(config.inventory);
  const store = await openStore(config, clock, log);
  let lease: LeaseService;
  try {
    lease = leaseService({ config, log, clock, store, server }, inventory);
  } catch (error) {
    await store.close();
    throw error;
  }
  // Stopping goes from the end: refuse calls, let the service end its streams, then close what is left.
  const running = await startParts(
    [
      { name: 'store', start: done, stop: () => store.close() },
      { name: 'connections', start: done, stop: () => server.stop() },
      { name: 'lease', start: () => lease.start(), stop: () => lease.stop() },
      listener(server),
    ],
    log,
  );
  return { address: server.address, stop: running.stop };
}

function leaseService({ config, log, clock, store, server }: Wiring, inventory: string | undefined): LeaseService {
  const names: string[] = [];
  const storeWorks = (works: boolean): void => {
    for (const name of names) server.health.set(name, works);
  };
  const service = createLeaseService(config.lease, {
    store,
    clock,
    logger: log,
    failpoint,
    storeWorks,
    ...(inventory !== undefined && { inventory }),
  });
  for (const definition of service.definitions) {
    server.add(definition);
    names.push(definition.definition.fullName);
  }
  return service;
}

function listener(server: GrpcServer): Part {
  return {
    name: 'listener',
    start: async () => {
      server.addReflection();
      await server.start();
      server.health.setAll(true);
    },
    stop: () => {
      server.refuseCalls();
      return Promise.resolve();
    },
  };
}

function done(): Promise<void> {
  return Promise.resolve();
}
