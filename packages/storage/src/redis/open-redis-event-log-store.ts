import type { EventLogStore } from '../event-log/event-log.js';
import type { RedisEventLogStoreOptions } from './redis-event-log-store.js';

/**
 * Opens the logs of all labs in a Redis. Throws STORE_UNAVAILABLE when it cannot be reached, INVALID_CONFIG when it is set up
 * so that it would forget leases. The driver is loaded here, so that who runs on SQLite does not pay for it.
 */
export async function openRedisEventLogStore(options: RedisEventLogStoreOptions): Promise<EventLogStore> {
  const redis = await import('./redis-event-log-store.js');
  return redis.openRedisEventLogStore(options);
}
