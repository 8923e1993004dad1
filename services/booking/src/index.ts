import type { Berth } from '@berth/client';
import type { WorkerOptions } from '@berth/documents';
import type { Clock, Failpoint, Logger, Metrics } from '@berth/kernel';
import { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
import { CapacityServiceDefinition } from '@berth/proto/berth/booking/v1/capacity_service';
import type { PartSays, ServedService } from '@berth/server';
import { servedService } from '@berth/server';
import type { CollectionStore, Locks } from '@berth/storage';
import type { BookingContext, BookingSettings } from './app/booking-context.js';
import { contextOf } from './app/booking-context.js';
import { BookingMetrics } from './app/booking-metrics.js';
import { bookingUses } from './app/booking-uses.js';
import { labWorker, ledgerWorker } from './app/workers.js';
import { temporalCalendar } from './calendar/temporal-calendar.js';
import type { BookingConfig } from './config.js';
import type { BookingLimits } from './domain/index.js';
import { labClient } from './remote/lab-client.js';
import { noLabs } from './remote/no-labs.js';
import { openLedgerCollections, openListCollections } from './store/open-collections.js';
import { StoredLedgers } from './store/stored-ledgers.js';
import { BOOKING_ACCESS, CAPACITY_ACCESS } from './transport/access-tables.js';
import { availabilityHandlers } from './transport/availability-handlers.js';
import { bookingHandlers } from './transport/booking-handlers.js';
import { capacityHandlers } from './transport/capacity-handlers.js';

export type { BookingConfig } from './config.js';
export { bookingConfigSchema } from './config.js';
export { bookingAccess } from './transport/access-tables.js';

const DAY_MS = 86_400_000;

export interface BookingServiceDeps {
  readonly store: CollectionStore;
  /** Elects the one replica that writes lists and snapshots, and the one that keeps labs and ledgers equal. */
  readonly locks: Locks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** Where it puts what it counts; absent = nowhere. */
  readonly metrics?: Metrics;
  /** A client of the lease service, as an operator; absent = no benches can be booked. */
  readonly lease?: (() => Promise<Berth>) | undefined;
  /** Told whether the store takes what it is given, and why not. */
  readonly storeWorks: PartSays;
  /** Told whether the locks can be asked, and why not. */
  readonly locksWork: PartSays;
}

/** The booking service: to be registered on a server, started before it serves, and stopped after it stopped accepting. */
export interface BookingService {
  readonly definitions: readonly ServedService[];
  /** Opens the collections and reads the ledgers. Throws STORE_UNAVAILABLE. */
  start(): Promise<void>;
  /** Begins to write lists, and to keep labs equal: once the lease service, perhaps in this process, can be reached. */
  startWorking(): void;
  /** Ends that; also done by `stop`. */
  stopWorking(): Promise<void>;
  /** Store and locks stay open. */
  stop(): Promise<void>;
}

/** Capacity over time: grants, bookings, clusters, and benches of labs. */
export function createBookingService(config: BookingConfig, deps: BookingServiceDeps): BookingService {
  const { clock, locks, logger, storeWorks, locksWork } = deps;
  const { maxRequestBytes, holdMs } = config;
  let opened: BookingContext | undefined;
  const context = (): BookingContext => {
    if (opened === undefined) throw new Error('the booking service is used before it has started');
    return opened;
  };
  const went: WorkerOptions['went'] = (step, error) => {
    (step === 'election' ? locksWork : storeWorks)(error === undefined, error);
    if (error !== undefined) logger.warn({ err: error }, `bookings are not looked after (${step}); trying again`);
  };
  const elected = { clock, locks, went };
  const workers = [ledgerWorker(context, elected), ...(deps.lease ? [labWorker(context, elected)] : [])];
  const stopWorking = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  const uses = bookingUses(context, deps.metrics && new BookingMetrics(deps.metrics));
  const handling = () => ({ uses, clock, holdMs });
  const bookings = { ...bookingHandlers(handling), ...availabilityHandlers(handling) };
  return {
    definitions: [
      { ...servedService(BookingServiceDefinition, bookings, BOOKING_ACCESS), maxRequestBytes },
      { ...servedService(CapacityServiceDefinition, capacityHandlers(handling), CAPACITY_ACCESS), maxRequestBytes },
    ],
    start: async () => {
      opened = await open(config, deps);
      await opened.roots.start();
    },
    startWorking: () => {
      for (const worker of workers) worker.start();
    },
    stopWorking,
    stop: async () => {
      await stopWorking();
      await opened?.roots.stop();
    },
  };
}

/** Opens the collections, and puts together what the use cases work with. */
async function open(config: BookingConfig, deps: BookingServiceDeps): Promise<BookingContext> {
  const { store, clock, logger, failpoint, lease } = deps;
  return contextOf({
    ledgers: new StoredLedgers(await openLedgerCollections(store)),
    lists: await openListCollections(store),
    labs: lease === undefined ? noLabs() : labClient(lease),
    calendar: temporalCalendar(),
    clock,
    logger,
    failpoint,
    settings: settingsOf(config),
  });
}

function settingsOf(config: BookingConfig): BookingSettings {
  const { keepDays, snapshotEveryEntries, compareMs, benchReleaseMs, noticeMs } = config;
  const limits = new Map(
    Object.entries(config.limits).map(([role, of]): [string, BookingLimits] => [role, limitsOf(of)]),
  );
  return { keepMs: keepDays * DAY_MS, snapshotEveryEntries, compareMs, benchReleaseMs, noticeMs, limits };
}

/** Limits without those that are not set. */
function limitsOf({ longestMs, farthestMs, holds }: BookingConfig['limits']['operator']): BookingLimits {
  return {
    ...(longestMs !== undefined && { longestMs }),
    ...(farthestMs !== undefined && { farthestMs }),
    ...(holds !== undefined && { holds }),
  };
}
