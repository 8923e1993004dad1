import type { Clock, Metrics } from '@berth/kernel';
import type { Logger, Part } from '@berth/server';
import type { CollectionStore, EventLogStore, Locks } from '@berth/storage';
import {
  inProcessLocks,
  measuredCollectionStore,
  openMongoCollectionStore,
  openRedisEventLogStore,
  openRedlockLocks,
  openSqliteCollectionStore,
  openSqliteEventLogStore,
} from '@berth/storage';
import type { BerthdConfig } from './config.js';

/**
 * What the roles of a process keep things in. Each is opened when a role first asks for it, and is the same one for all
 * roles: a data directory lets one store of documents in. Opening throws DATA_DIR_LOCKED, STORE_UNAVAILABLE and
 * INVALID_CONFIG.
 */
export class Stores {
  /** What is open, each to be closed when the roles have stopped. */
  readonly parts: Part[] = [];
  readonly #opened = new Map<string, Promise<unknown>>();

  constructor(
    private readonly config: BerthdConfig,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics?: Metrics,
  ) {}

  /** The store of leases. */
  leases(): Promise<EventLogStore> {
    const { clock, log } = this;
    const { store, dataDir, redis } = this.config;
    return this.#once('leases', () =>
      store === 'sqlite'
        ? openSqliteEventLogStore({ dir: dataDir, clock })
        : openRedisEventLogStore({ ...redis, clock, log }),
    );
  }

  /** The store of documents. */
  documents(): Promise<CollectionStore> {
    const { log, clock, metrics } = this;
    const { url, database } = this.config.mongo;
    return this.#once('documents', async () => {
      const store =
        url === undefined
          ? await openSqliteCollectionStore({ dir: this.config.dataDir })
          : await openMongoCollectionStore({ url, database, log });
      return metrics === undefined ? store : measuredCollectionStore(store, metrics, clock);
    });
  }

  /** What elects one worker among the processes that share a store; this process alone where it shares none. */
  locks(shared: boolean): Promise<Locks> {
    const { clock, log } = this;
    const { redis, store, locks } = this.config;
    const urls = locks.redis.length === 0 && store === 'redis' ? [redis.url] : locks.redis;
    if (!shared || urls.length === 0) return this.#once('locks of this process', () => inProcessLocks());
    return this.#once('locks', () => openRedlockLocks({ urls, keyPrefix: redis.keyPrefix, clock, log }));
  }

  #once<T extends { readonly close: () => Promise<void> }>(name: string, open: () => T | Promise<T>): Promise<T> {
    const before = this.#opened.get(name) as Promise<T> | undefined;
    const opening = before ?? this.#open(name, open);
    this.#opened.set(name, opening);
    return opening;
  }

  async #open<T extends { readonly close: () => Promise<void> }>(name: string, open: () => T | Promise<T>): Promise<T> {
    const thing = await open();
    this.parts.push({ name, start: () => Promise.resolve(), stop: () => thing.close() });
    return thing;
  }
}
