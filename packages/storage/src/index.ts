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
export type {
  Collection,
  CollectionSpec,
  CollectionStore,
  Document,
  Duplicate,
  Found,
  IndexSpec,
  InsertResult,
  Query,
  Range,
  ReplaceResult,
  Scalar,
  Stored,
  Where,
  Write,
  WriteAllResult,
} from './collection/collection.js';
export type { SqliteCollectionStoreOptions } from './sqlite/sqlite-collection-store.js';
export { openSqliteCollectionStore } from './sqlite/sqlite-collection-store.js';
export type { HeldLock, Locks } from './lock/lock.js';
export type { MongoCollectionStoreOptions } from './mongo/mongo-collection-store.js';
export { openMongoCollectionStore } from './mongo/open-mongo-collection-store.js';
export { measuredCollectionStore } from './measured/measured-collection-store.js';
export { explainQuery } from './collection/explain-query.js';
export { inProcessLocks } from './lock/in-process-locks.js';
export type { RedlockOptions } from './lock/redlock-locks.js';
export { openRedlockLocks } from './lock/open-redlock-locks.js';
