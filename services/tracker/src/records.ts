import type { Clock, Failpoint, Logger } from '@berth/kernel';
import { RecordServiceDefinition } from '@berth/proto/berth/tracker/v1/record_service';
import type { ServedService, WatchedFile } from '@berth/server';
import { servedService } from '@berth/server';
import type { CollectionStore } from '@berth/storage';
import { finishEarlier } from './app/records/finish-earlier.js';
import { RangeHints } from './app/records/range-hints.js';
import type { RecordContext } from './app/records/record-context.js';
import { RecordKinds } from './app/records/record-kinds.js';
import { sweepRecords } from './app/records/sweep-records.js';
import { openRecordCollections } from './store/records/open-record-collections.js';
import { RECORD_ACCESS } from './transport/access-tables.js';
import { kindsFile } from './transport/records/kinds-file.js';
import { recordHandlers } from './transport/records/record-handlers.js';

export interface RecordServiceDeps {
  readonly store: CollectionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** The path of `kinds.yaml`; undefined: only the built-in kinds. */
  readonly kindsFile?: string | undefined;
  readonly requestIdTtlMs: number;
}

/** The inventory: to be started before it serves, and stopped after it stopped accepting. */
export interface RecordService {
  readonly definitions: readonly ServedService[];
  /** Opens the collections and reads the kinds. Throws STORE_UNAVAILABLE, and INVALID_CONFIG for a file with faults. */
  start(): Promise<void>;
  /** Reads the file of kinds again, as it is also done when it changes; a file with faults is logged and not used. */
  reloadKinds(): Promise<void>;
  /** Removes what nobody asks for any more; ends soon after the signal aborts. For one process, again and again. */
  sweep(signal: AbortSignal): Promise<void>;
  /** The store stays open. */
  stop(): Promise<void>;
}

/** The inventory of machines, addresses and what is configured, on collections of documents. */
export function createRecordService(deps: RecordServiceDeps): RecordService {
  const { store, clock, logger, failpoint, kindsFile: path, requestIdTtlMs } = deps;
  let opened: { readonly ctx: RecordContext; readonly file: WatchedFile | undefined } | undefined;

  const context = (): RecordContext => {
    if (opened === undefined) throw new Error('the inventory is used before it has started');
    return opened.ctx;
  };

  return {
    definitions: [servedService(RecordServiceDefinition, recordHandlers({ context }), RECORD_ACCESS)],
    start: async () => {
      const collections = await openRecordCollections(store);
      const kinds = new RecordKinds(collections, (same) => {
        logger.warn(same, 'two records have the same value in a unique field; change or delete one of them');
      });
      await finishEarlier(collections, kinds);
      const file = path === undefined ? undefined : kindsFile(path, kinds, clock, logger);
      if (file === undefined) await kinds.use([]);
      else await file.start();
      const rangeHints = new RangeHints();
      opened = { ctx: { collections, kinds, clock, logger, failpoint, rangeHints, requestIdTtlMs }, file };
    },
    reloadKinds: () => opened?.file?.reload() ?? Promise.resolve(),
    sweep: (signal) => sweepRecords(context(), signal),
    stop: () => opened?.file?.stop() ?? Promise.resolve(),
  };
}
