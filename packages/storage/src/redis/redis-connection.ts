import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { RedisOptions } from 'ioredis';
import { Redis } from 'ioredis';
import { redisFailure } from './redis-failure.js';

/** Without an answer for so long, a call fails: callers hear of a frozen server within 2 s. */
export const ANSWER_WITHIN_MS = 1_500;

const LONGEST_PAUSE_MS = 500;

/** Where the server is, for people: the URL without user and password. */
export function addressOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? '6379' : port}${pathname === '/' ? '' : pathname}`;
}

/**
 * Settings with bounded time everywhere. Nothing is queued while there is no connection, and nothing is sent twice: an
 * append that was sent again after its connection broke would meet its own entry and be told of a conflict.
 */
export function boundedOptions(answerWithinMs: number): RedisOptions {
  return {
    lazyConnect: true,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: answerWithinMs,
    disconnectTimeout: 50,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    noDelay: true,
    retryStrategy: (times) => Math.min(25 * 2 ** times, LONGEST_PAUSE_MS),
  };
}

/**
 * The connection that calls go through. It comes back by itself. A call that times out drops the connection: the answers
 * of a frozen server would come in the order of the questions, so all calls after it would wait too.
 */
export class RedisConnection {
  readonly redis: Redis;
  readonly address: string;
  readonly #listeners = new Set<(gapMs: number) => void>();
  #answered: number;
  #downSince: number | undefined;
  /** Counts connections that were dropped, so that calls that time out together drop theirs once, and not the next one. */
  #dropped = 0;
  #closed = false;

  constructor(
    readonly url: string,
    readonly clock: Clock,
  ) {
    this.address = addressOf(url);
    this.#answered = clock.monotonic();
    this.redis = new Redis(url, boundedOptions(ANSWER_WITHIN_MS));
    this.redis.on('error', () => undefined);
    this.redis.on('close', () => {
      this.#down();
    });
  }

  /** Connects for the first time; throws STORE_UNAVAILABLE when the server does not answer. */
  async connect(): Promise<void> {
    let cause: unknown;
    const remember = (error: unknown): void => {
      cause = error;
    };
    this.redis.once('error', remember);
    try {
      await this.redis.connect();
      this.#up();
    } catch (error) {
      this.redis.disconnect();
      throw redisFailure(cause ?? error, this.address);
    } finally {
      this.redis.off('error', remember);
    }
  }

  /** Runs commands; throws STORE_UNAVAILABLE within 2 s when the server does not answer. */
  async call<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new BerthError('SHUTTING_DOWN', `the connection to Redis is closed; the server is stopping`);
    const sentOn = this.#dropped;
    try {
      const answer = await work(this.redis);
      this.#up();
      return answer;
    } catch (error) {
      const failure = redisFailure(error, this.address);
      if (failure instanceof BerthError) this.#down();
      if (error instanceof Error && error.message === 'Command timed out' && sentOn === this.#dropped) {
        this.#dropped += 1;
        this.redis.disconnect(true);
      }
      throw failure;
    }
  }

  /** Tells when the server answers again after it did not. */
  onRecovered(listener: (gapMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls `listener` whenever a connection is there again after it broke. */
  onReconnected(listener: () => void): void {
    this.redis.on('ready', listener);
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.redis.disconnect();
  }

  #down(): void {
    this.#downSince ??= this.#answered;
  }

  #up(): void {
    this.#answered = this.clock.monotonic();
    if (this.#downSince === undefined) return;
    const gapMs = this.#answered - this.#downSince;
    this.#downSince = undefined;
    for (const listener of this.#listeners) listener(gapMs);
  }
}
