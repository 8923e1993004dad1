import type { Berth } from '@berth/client';
import type { Clock, Failpoint, Logger, Metrics } from '@berth/kernel';
import { noMetrics, SYSTEM } from '@berth/kernel';
import type { ServedService } from '@berth/server';
import { servedService } from '@berth/server';
import { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import { LeaseServiceDefinition } from '@berth/proto/berth/lease/v1/lease_service';
import type { EventLogStore, Locks } from '@berth/storage';
import { Labs } from './app/labs.js';
import { LeaseMetrics } from './app/lease-metrics.js';
import { OpenLab } from './app/open-lab.js';
import { onceAnOutage, StoreHealth } from './app/store-health.js';
import type { LeaseConfig } from './config.js';
import { planApplyInventory } from './domain/index.js';
import { trackerHistory } from './remote/tracker-history.js';
import { msgpackCodec } from './store/msgpack-codec.js';
import { INVENTORY_ACCESS, LEASE_ACCESS } from './transport/access-tables.js';
import { inventoryHandlers } from './transport/inventory/inventory-handlers.js';
import { parseInventory } from './transport/inventory-file/inventory-yaml.js';
import { leaseHandlers } from './transport/leases/lease-handlers.js';

export type { LeaseConfig } from './config.js';
export { leaseConfigSchema } from './config.js';
export { leaseAccess } from './transport/access-tables.js';

export interface LeaseServiceDeps {
  readonly store: EventLogStore;
  /** Must not jump: see `steadyClock`. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** Told whether the store takes what it is given, and why not, whenever that changes. */
  readonly storeWorks: (works: boolean, why?: unknown) => void;
  /** Who keeps the history of leases; absent = nobody does. */
  readonly history?: {
    /** A client of the tracker. Asked when there is something to tell; may reject as long as nobody knows where it is. */
    readonly tracker: () => Promise<Berth>;
    /** Elects the one replica that tells. */
    readonly locks: Locks;
    /** Told whether the history is taken, and why not. */
    readonly works?: (works: boolean, why?: unknown) => void;
  };
  /** Where it puts what it counts; absent = nowhere. */
  readonly metrics?: Metrics;
  /** An inventory file's text, applied to the default lab whenever it has no benches. */
  readonly inventory?: string;
}

/** The lease service: to be registered on a server, started before it serves, and stopped after it stopped accepting. */
export interface LeaseService {
  readonly definitions: readonly ServedService[];
  /** Opens the default lab. Throws STORE_UNAVAILABLE when the store can't be reached. */
  start(): Promise<void>;
  /** Sends all streams to other processes, where there are any, within 4 s, and closes the labs. The store stays open. */
  stop(): Promise<void>;
}

/** Exclusive leases of benches, with a visible queue, on an event log. */
export function createLeaseService(config: LeaseConfig, deps: LeaseServiceDeps): LeaseService {
  const { store, clock, logger, failpoint, inventory } = deps;
  const benches = inventory === undefined ? undefined : parseInventory(inventory).benches;
  const metrics: LeaseMetrics = new LeaseMetrics(deps.metrics ?? noMetrics(), () => labs.open());
  const health = new StoreHealth({ ...deps, appends: metrics });
  const history = deps.history && {
    locks: deps.history.locks,
    sink: trackerHistory(deps.history.tracker),
    works: eachLab(deps.history.works),
  };

  const open = async (name: string): Promise<OpenLab> => {
    const lab = new OpenLab({
      name,
      log: health.watched(await store.open(name)),
      shared: store.shared,
      codec: msgpackCodec,
      clock,
      logger: onceAnOutage(logger),
      failpoint,
      history,
      metrics,
      settings: {
        rules: {
          priorityPointMs: config.priorityPointMs,
          backfill: config.backfill,
          waiterGraceMs: config.waiterGraceMs,
          keepBackMs: config.keepBackMs,
          keepAnswersMs: config.requestIdTtlMs,
          bookingNoticeMs: config.bookingNoticeMs,
          openEndedMs: config.openEndedMs,
          ...limitsOf(config),
        },
        sessionTtlMs: config.sessionTtlMs,
        snapshotEveryEntries: config.snapshotEveryEntries,
        logKeepMs: config.logKeepMs,
        historyBounds: { bytes: config.historyMaxBytes, ageMs: config.historyMaxAgeMs },
        warnBeforeMs: config.warnBeforeMs,
      },
      seed: async (empty, afterLoss) => {
        if (name !== DEFAULT_LAB || benches === undefined) return;
        const apply = { specs: benches, prune: false, force: false, afterLoss };
        const by = { actor: SYSTEM, operator: true };
        await empty.run({ requestId: '', fingerprint: '', plan: (draft) => planApplyInventory(draft, apply, by) });
        logger.info({ lab: name, benches: benches.length }, 'the empty lab was given the inventory file');
      },
    });
    await lab.open();
    return lab;
  };
  const labs: Labs = new Labs({
    open,
    exists: (name) => store.has(name),
    names: () => store.labs(),
    clock,
    logger,
    lasting: DEFAULT_LAB,
  });

  const handlers = { labOf: (name: string, make?: boolean) => labs.get(name, make), priorityCaps: config.priorityCaps };
  return {
    definitions: [
      servedService(LeaseServiceDefinition, leaseHandlers(handlers), LEASE_ACCESS),
      servedService(InventoryServiceDefinition, inventoryHandlers(handlers), INVENTORY_ACCESS),
    ],
    start: async () => {
      await labs.get(DEFAULT_LAB);
    },
    stop: async () => {
      await labs.handOver(HAND_OVER_MS);
      await labs.close();
    },
  };
}

/** The limits of the settings; nothing when there are none, so that nothing is counted for them. */
function limitsOf({ limits }: LeaseConfig): { readonly limits?: LeaseConfig['limits'] } {
  const { roles, teams } = limits;
  const all = [...Object.values(roles), ...Object.values(teams)];
  return all.some((limit) => Object.keys(limit).length > 0) ? { limits } : {};
}

const DEFAULT_LAB = 'default';
/** What holders get to attach their leases to another process before this one stops. */
const HAND_OVER_MS = 4000;

/** Each lab's say of something that works when it does for all labs. */
function eachLab(says: (works: boolean, why?: unknown) => void = () => undefined) {
  const troubled = new Set<string>();
  return (lab: string, works: boolean, why?: unknown): void => {
    if (works) troubled.delete(lab);
    else troubled.add(lab);
    says(troubled.size === 0, why);
  };
}
