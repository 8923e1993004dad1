import type { Berth } from '@berth/client';
import { Changes } from '@berth/documents';
import type { Clock, Failpoint, Logger, Metrics } from '@berth/kernel';
import { PoolServiceDefinition } from '@berth/proto/berth/pool/v1/pool_service';
import type { ServedService } from '@berth/server';
import { servedService } from '@berth/server';
import type { CollectionStore, Locks } from '@berth/storage';
import { PoolMetrics } from './app/pool-metrics.js';
import { PoolsInForce } from './app/pools-in-force.js';
import type { ReconcileContext } from './app/reconcile/reconcile-context.js';
import type { PartSays } from './app/reconcile/reconciler.js';
import { createReconciler } from './app/reconcile/reconciler.js';
import { RunLogs } from './app/run-logs.js';
import { watchChanges } from './app/watch-changes.js';
import type { PoolConfig } from './config.js';
import { allTags } from './domain/options/options.js';
import { POOL_USER } from './domain/resource-steps.js';
import type { LogCollections } from './ports/log-collections.js';
import { labClient } from './remote/lab-client.js';
import { processes } from './remote/processes.js';
import { trackerClient } from './remote/tracker-client.js';
import { openInForce } from './store/open-in-force.js';
import { openLogs } from './store/open-logs.js';
import { openPools } from './store/open-pools.js';
import { openSweeps } from './store/open-sweeps.js';
import { createTickets } from './tickets.js';
import { POOL_ACCESS } from './transport/access-table.js';
import { logHandlers } from './transport/pools/log-handlers.js';
import { poolHandlers } from './transport/pools/pool-handlers.js';
import type { PoolsFile } from './transport/pools-file/pools-file.js';
import { poolsFile } from './transport/pools-file/pools-file.js';
import { resourceHandlers } from './transport/resources/resource-handlers.js';
import { watchHandlers } from './transport/resources/watch.js';

export type { PoolConfig } from './config.js';
export { poolConfigSchema } from './config.js';
export { poolAccess } from './transport/access-table.js';

export interface PoolServiceDeps {
  readonly store: CollectionStore;
  /** Elects the one replica that reconciles, and the one that follows tickets. */
  readonly locks: Locks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** Where it puts what it counts; absent = nowhere. */
  readonly metrics?: Metrics;
  /** A client of the lease service, as an operator named `berth-pool`. */
  readonly lease: () => Promise<Berth>;
  /** A client of the tracker; absent = nobody keeps records of resources. */
  readonly tracker?: (() => Promise<Berth>) | undefined;
  /** Told whether the store takes what it is given, and why not. */
  readonly storeWorks: PartSays;
  /** Told whether the locks can be asked, and why not. */
  readonly locksWork: PartSays;
}

/** The pool service: to be registered on a server, started before it serves, and stopped after it stopped accepting. */
export interface PoolService {
  readonly definitions: readonly ServedService[];
  /** Opens the collections. Throws STORE_UNAVAILABLE, and INVALID_POOLS for a file with faults when no pools are in force. */
  start(): Promise<void>;
  /** Begins to make resources and to follow tickets: once the lease service, perhaps in this process, can be reached. */
  startWorking(): void;
  /** Ends that, and the commands that run; also done by `stop`. */
  stopWorking(): Promise<void>;
  /** Store and locks stay open. */
  stop(): Promise<void>;
}

/** Resources made by commands, and lent through the lease service. */
export function createPoolService(config: PoolConfig, deps: PoolServiceDeps): PoolService {
  const { store, locks, clock, logger, failpoint, storeWorks, locksWork } = deps;
  const { requestIdTtlMs, keepMs, unknownTags, maxRequestBytes } = config;
  let opened: Opened | undefined;
  const context = (): Opened => {
    if (opened === undefined) throw new Error('the pool service is used before it has started');
    return opened;
  };
  const tickets = createTickets({
    store,
    locks,
    clock,
    logger,
    failpoint,
    lease: deps.lease,
    settings: { requestIdTtlMs, keepMs, unknownTags },
    isOnDemand: (lab, tags) =>
      context().inForce.all.some(
        ({ options }) => options.lab === lab && options.tagsOnDemand.some(({ name }) => tags.includes(name)),
      ),
    isMade: (lab, tags) =>
      context().inForce.all.some(({ options, removed }) => {
        const names = allTags(options).map(({ name }) => name);
        return !removed && options.lab === lab && tags.every((tag) => names.includes(tag));
      }),
  });
  const reconciler = createReconciler(context, { clock, locks }, { storeWorks, locksWork });
  const stopping = new AbortController();
  const handlers = {
    ...tickets.handlers,
    ...poolHandlers(context),
    ...logHandlers(() => ({ ...context(), logs: context().logCollections })),
    ...resourceHandlers(() => ({ ...context(), ticketsOf: (ids) => tickets.ofLeases(ids) })),
    ...watchHandlers(() => ({
      clock,
      changes: (fromMs, withTickets, signal) =>
        watchChanges(context().changes, withTickets ? tickets.changes() : undefined, fromMs, signal),
    })),
  };
  return {
    definitions: [{ ...servedService(PoolServiceDefinition, handlers, POOL_ACCESS), maxRequestBytes }],
    start: async () => {
      await tickets.open();
      opened = await open(config, deps, stopping.signal);
      await opened.inForce.start();
      await opened.file?.check();
    },
    startWorking: () => {
      reconciler.start();
      tickets.startFollowing();
    },
    stopWorking: async () => {
      await Promise.all([reconciler.stop(), tickets.stopFollowing()]);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([reconciler.stop(), tickets.stopFollowing()]);
      opened?.file?.stop();
      await opened?.inForce.stop();
      await opened?.logs.settle();
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Opens the collections, and puts together what the use cases work with. */
async function open(config: PoolConfig, deps: PoolServiceDeps, signal: AbortSignal) {
  const { store, clock, logger } = deps;
  const { requestIdTtlMs, keepMs } = config;
  const collections = await openPools(store);
  const { pools, resources, deletions } = collections;
  const inForce = new PoolsInForce({ inForce: await openInForce(store), pools, clock, logger, requestIdTtlMs });
  const logCollections: LogCollections = await openLogs(store);
  const logs = new RunLogs(logCollections, clock, logger);
  const runner = processes();
  const tracker = deps.tracker && trackerClient(deps.tracker, POOL_USER, logger);
  const file: PoolsFile | undefined =
    config.file === undefined ? undefined : poolsFile(config.file, inForce, clock, logger);
  const metrics = deps.metrics && new PoolMetrics(deps.metrics, clock);
  const sweep = { runner, logs, logger, metrics, clock, resources, sweeps: await openSweeps(store), tracker };
  const reconcile: ReconcileContext = {
    runner,
    logs,
    logger,
    metrics,
    collections,
    inForce,
    lab: labClient(deps.lease),
    tracker,
    sweep,
    clock,
    failpoint: deps.failpoint,
    locks: deps.locks,
    changes: new Changes(resources, clock),
    keepMs,
    requestIdTtlMs,
    followFile: file && ((over) => file.lead(over)),
  };
  return { ...reconcile, pools, resources, deletions, logCollections, file, signal };
}
