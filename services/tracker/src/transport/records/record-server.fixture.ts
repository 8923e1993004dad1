// The inventory alone, on a store that outlives it.
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { createGrpcServer } from '@berth/server';
import type { CollectionStore } from '@berth/storage';
import { openMongoCollectionStore, openSqliteCollectionStore } from '@berth/storage';
import { serveService } from '@berth/testkit';
import { pino } from 'pino';
import type { RecordServiceDeps } from '../../records.js';
import { createRecordService } from '../../records.js';

/** Where records are kept: a directory, or the URL and database of a MongoDB. */
export type Place = { readonly dir: string } | { readonly url: string; readonly database: string };

export interface ServedRecords {
  readonly records: Berth['records'];
  reloadKinds(): Promise<void>;
  stop(): Promise<void>;
}

export function openPlace(place: Place): Promise<CollectionStore> {
  if ('dir' in place) return openSqliteCollectionStore(place);
  return openMongoCollectionStore({ ...place, answerWithinMs: 60_000, selectWithinMs: 30_000 });
}

/** Serves the inventory of a store, which is closed with it. */
export async function serveRecords(
  store: CollectionStore,
  options: Pick<RecordServiceDeps, 'clock'> & Partial<RecordServiceDeps>,
): Promise<ServedRecords> {
  const logger = pino({ level: 'silent' });
  const service = createRecordService({
    store,
    logger,
    failpoint: () => undefined,
    requestIdTtlMs: 86_400_000,
    ...options,
  });
  const server = createGrpcServer({ host: '127.0.0.1', port: 0, log: logger });
  const { address, stop } = await serveService(server, service);
  const berth = connect({ address, user: 'ann', role: 'operator', timeoutMs: 60_000 });
  return {
    records: berth.records,
    reloadKinds: () => service.reloadKinds(),
    stop: async () => {
      berth.close();
      await stop();
      await store.close();
    },
  };
}
