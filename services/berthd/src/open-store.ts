import type { Clock } from '@berth/kernel';
import type { Logger } from '@berth/server';
import type { CollectionStore, EventLogStore, Locks } from '@berth/storage';
import {
  inProcessLocks,
  openMongoCollectionStore,
  openRedisEventLogStore,
  openRedlockLocks,
  openSqliteCollectionStore,
  openSqliteEventLogStore,
} from '@berth/storage';
import type { BerthdConfig } from './config.js';

/** Opens the store of leases that the configuration names. Throws DATA_DIR_LOCKED, STORE_UNAVAILABLE and INVALID_CONFIG. */
export async function openStore(config: BerthdConfig, clock: Clock, log: Logger): Promise<EventLogStore> {
  if (config.store === 'sqlite') return openSqliteEventLogStore({ dir: config.dataDir, clock });
  const { url, keyPrefix } = config.redis;
  return openRedisEventLogStore({ url, keyPrefix, clock, log });
}

/** Opens the store of documents that the configuration names. Throws like `openStore`. */
export async function openDocuments(config: BerthdConfig, clock: Clock, log: Logger): Promise<CollectionStore> {
  const { url, database } = config.mongo;
  if (url === undefined) return openSqliteCollectionStore({ dir: config.dataDir, clock });
  return openMongoCollectionStore({ url, database, clock, log });
}

/** What elects one worker among those who share a store: Redis servers, or this process alone where nobody else can. */
export async function openLocks(config: BerthdConfig, shared: boolean, clock: Clock, log: Logger): Promise<Locks> {
  const { redis, store } = config;
  const given = config.locks.redis;
  const urls = given.length === 0 && store === 'redis' ? [redis.url] : given;
  if (!shared || urls.length === 0) return inProcessLocks();
  return openRedlockLocks({ urls, keyPrefix: redis.keyPrefix, clock, log });
}
