import { Changes } from '@berth/documents';
import type { Clock, Failpoint, Logger, Metrics } from '@berth/kernel';
import { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { ServedService } from '@berth/server';
import { servedService } from '@berth/server';
import type { CollectionStore, Locks } from '@berth/storage';
import { createSweeper } from './app/sweeper.js';
import { TrackerMetrics } from './app/tracker-metrics.js';
import type { PartSays, TrackerContext, TrackerSettings } from './app/tracker-context.js';
import type { TrackerConfig } from './config.js';
import type { Parents } from './ports/parent-check.js';
import { collectionCommands } from './remote/collection-commands.js';
import { createRecordService } from './records.js';
import { openCollections } from './store/open-collections.js';
import { ALLOCATION_ACCESS } from './transport/access-tables.js';
import { allocationHandlers } from './transport/allocation-handlers.js';

export type { TrackerConfig } from './config.js';
export { trackerConfigSchema } from './config.js';
export { trackerAccess } from './transport/access-tables.js';
export type { ParentCheck } from './ports/parent-check.js';
export { bookingParents } from './remote/booking-parents.js';
export { leaseParents } from './remote/lease-parents.js';
export { parentsByKind } from './remote/parents-by-kind.js';
export { ticketParents } from './remote/ticket-parents.js';

export interface TrackerServiceDeps {
  readonly store: CollectionStore;
  /** Elects the one replica that looks for leaks, and the one that collects. */
  readonly locks: Locks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** Where it puts what it measures; absent = nowhere. */
  readonly metrics?: Metrics;
  /** Told whether the store takes what it is given, and why not, after each look for leaks. */
  readonly storeWorks: PartSays;
  /** Told whether the locks can be asked, and why not, before each look for leaks; absent = nobody wants to know. */
  readonly locksWork?: PartSays;
  /** Looks whether the parents of allocations are still there (L4); absent = nobody can. */
  readonly parents?: Parents;
}

/** The tracker service: to be registered on a server, started before it serves, and stopped after it stopped accepting. */
export interface TrackerService {
  readonly definitions: readonly ServedService[];
  /**
   * Opens the collections. Throws STORE_UNAVAILABLE when the store can't be reached, and INVALID_CONFIG for a file of kinds
   * with faults.
   */
  start(): Promise<void>;
  /** Begins to look for leaks: once what it asks (the lease service, perhaps in this process) can be reached. */
  startSweeping(): void;
  /** Ends the look for leaks, if it began; also done by `stop`. */
  stopSweeping(): Promise<void>;
  /** Reads the file of kinds again (it is also watched); one with faults is logged and not used. */
  reloadKinds(): Promise<void>;
  /** Store and locks stay open. */
  stop(): Promise<void>;
}

/** What exists, who has it, and what was never freed, on collections of documents. */
export function createTrackerService(config: TrackerConfig, deps: TrackerServiceDeps): TrackerService {
  const { store, clock, logger, failpoint, locks, parents, storeWorks, locksWork = () => undefined } = deps;
  let opened: TrackerContext | undefined;
  const context = (): TrackerContext => {
    if (opened === undefined) throw new Error('the tracker is used before it has started');
    return opened;
  };
  const { kindsFile, maxRequestBytes, requestIdTtlMs, sweepMs } = config;
  const records = createRecordService({ store, clock, logger, failpoint, kindsFile, requestIdTtlMs });
  const sweepInventory = (signal: AbortSignal) => records.sweep(signal);
  const metrics = deps.metrics && new TrackerMetrics(deps.metrics, clock, sweepMs);
  const says = { storeWorks, locksWork };
  const sweeper = createSweeper({ context, sweepInventory, clock, locks, logger, sweepMs, metrics, ...says });
  const allocations = servedService(AllocationServiceDefinition, allocationHandlers({ context }), ALLOCATION_ACCESS);
  return {
    definitions: [allocations, ...records.definitions].map((served) => ({ ...served, maxRequestBytes })),
    start: async () => {
      const collections = await openCollections(store);
      opened = {
        collections,
        clock,
        logger,
        failpoint,
        locks,
        runner: collectionCommands(config.collect.env),
        parents,
        settings: settingsOf(config),
        changes: new Changes(collections.allocations, clock),
      };
      await records.start();
    },
    startSweeping: () => {
      sweeper.start();
    },
    stopSweeping: () => sweeper.stop(),
    reloadKinds: () => records.reloadKinds(),
    stop: async () => {
      await Promise.all([sweeper.stop(), records.stop()]);
    },
  };
}

function settingsOf({ sweepMs, requestIdTtlMs, collect, report, retention }: TrackerConfig): TrackerSettings {
  const kinds = new Map(Object.entries(collect.kinds));
  return { sweepMs, requestIdTtlMs, collect: { ...collect, kinds }, report, retention };
}
