import type { Clock } from '@berth/kernel';
import type { Logger } from '@berth/server';
import type { EventLogStore } from '@berth/storage';
import { openRedisEventLogStore, openSqliteEventLogStore } from '@berth/storage';
import type { BerthdConfig } from './config.js';

/** Opens the store that the configuration names. Throws DATA_DIR_LOCKED, STORE_UNAVAILABLE and INVALID_CONFIG. */
export async function openStore(config: BerthdConfig, clock: Clock, log: Logger): Promise<EventLogStore> {
  if (config.store === 'sqlite') return openSqliteEventLogStore({ dir: config.dataDir, clock });
  const { url, keyPrefix } = config.redis;
  return openRedisEventLogStore({ url, keyPrefix, clock, log });
}
