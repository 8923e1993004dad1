export type {
  Append,
  AppendResult,
  EventLog,
  EventLogStore,
  Followed,
  LogEntry,
  LogStep,
  Refusal,
  Revision,
  Snapshot,
} from './event-log/event-log.js';
export type { SqliteEventLogStoreOptions } from './sqlite/sqlite-event-log-store.js';
export { openSqliteEventLogStore } from './sqlite/sqlite-event-log-store.js';
export type { RedisEventLogStoreOptions } from './redis/redis-event-log-store.js';
export { openRedisEventLogStore } from './redis/open-redis-event-log-store.js';
export type { StoreLog } from './redis/server-facts.js';
