import type { Clock } from '@berth/kernel';
import type { EventLogStore } from '../event-log/event-log.js';
import { LabKeys } from './lab-keys.js';
import { RedisConnection } from './redis-connection.js';
import { RedisEventLog } from './redis-event-log.js';
import type { StoreLog } from './server-facts.js';
import { checkServer } from './server-facts.js';
import { ServerTime } from './server-time.js';

export interface RedisEventLogStoreOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** First part of every key; default `berth`. */
  readonly keyPrefix?: string;
  /** Only its monotonic time and its timers are used: the wall clock is the server's. */
  readonly clock: Clock;
  readonly log?: StoreLog;
}

class RedisEventLogStore implements EventLogStore {
  readonly engine = 'redis';
  readonly shared = true;
  readonly #logs = new Map<string, RedisEventLog>();
  readonly #time: ServerTime;
  readonly #labsKey: string;

  constructor(
    readonly connection: RedisConnection,
    readonly clock: Clock,
    readonly keyPrefix: string,
    readonly log: StoreLog | undefined,
  ) {
    this.#time = new ServerTime(() => clock.monotonic());
    this.#labsKey = `${keyPrefix}:labs`;
    connection.admitBy(() => this.#admit());
  }

  async open(lab: string): Promise<RedisEventLog> {
    await this.connection.call((redis) => redis.sadd(this.#labsKey, lab));
    // Looked up after the wait, so that two calls at once get the same object.
    const opened = this.#logs.get(lab);
    if (opened !== undefined) return opened;
    const { connection, clock } = this;
    const log = new RedisEventLog({ connection, clock, time: this.#time, keys: new LabKeys(this.keyPrefix, lab) });
    this.#logs.set(lab, log);
    return log;
  }

  async has(lab: string): Promise<boolean> {
    const { last } = new LabKeys(this.keyPrefix, lab);
    return (await this.connection.call((redis) => redis.exists(last))) === 1;
  }

  async labs(): Promise<readonly string[]> {
    return (await this.connection.call((redis) => redis.smembers(this.#labsKey))).sort();
  }

  /** Writes, since a server that is out of memory, or a read-only one, still answers well. */
  async ping(): Promise<void> {
    await this.connection.call((redis) => redis.set(`${this.keyPrefix}:ping`, '', 'PX', 60_000));
  }

  /** Learns the server's time. */
  async synchronize(): Promise<void> {
    const sentMs = this.clock.monotonic();
    const [seconds, micros] = await this.connection.ask((redis) => redis.time());
    this.#time.seen(Number(seconds) * 1_000_000 + Number(micros), sentMs);
  }

  async close(): Promise<void> {
    for (const log of this.#logs.values()) await log.close();
    this.connection.close();
  }

  /** A restarted server may have another configuration, and may have forgotten which labs there are. */
  async #admit(): Promise<void> {
    await checkServer(this.connection, this.log);
    await this.synchronize();
    const labs = [...this.#logs.keys()];
    if (labs.length > 0) await this.connection.ask((redis) => redis.sadd(this.#labsKey, labs));
  }
}

/**
 * Opens the logs of all labs in Redis (6.2 or later). Throws STORE_UNAVAILABLE within 2 s when the server does not answer,
 * INVALID_CONFIG when it may drop keys to free memory. Once open, a server that goes away is reconnected to for ever; one that
 * comes back such that it would be refused here is refused to each call, until it is as it should be.
 */
export async function openRedisEventLogStore(options: RedisEventLogStoreOptions): Promise<EventLogStore> {
  const { url, clock, log, keyPrefix = 'berth' } = options;
  const connection = new RedisConnection(url, clock);
  await connection.connect();
  try {
    await checkServer(connection, log);
    const store = new RedisEventLogStore(connection, clock, keyPrefix, log);
    await store.synchronize();
    return store;
  } catch (error) {
    connection.close();
    throw error;
  }
}
