import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { RedisOptions } from 'ioredis';
import { Redis, ReplyError } from 'ioredis';
import { redisFailure, refusal } from './redis-failure.js';

/** Without an answer for so long, a call fails: callers hear of a frozen server within 2 s. */
export const ANSWER_WITHIN_MS = 1_500;

const LONGEST_PAUSE_MS = 500;
/** How often a server that is refused is looked at again. */
const LOOK_AGAIN_MS = 500;

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
    // A server that loads, is busy or wants a password says so itself, to each call; the driver would keep that to itself.
    enableReadyCheck: false,
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
  readonly #listeners = new Set<() => void>();
  #isDown = false;
  /** Counts connections that were dropped, so that calls that time out together drop theirs once, and not the next one. */
  #dropped = 0;
  #closed = false;
  /** The last thing that went wrong with the connection itself, in the words of the server or the system. */
  #said: unknown;
  /** The look at a connection that is new: pending, or rejected with why no call may use it. */
  #admission: Promise<void> | undefined;

  constructor(
    readonly url: string,
    readonly clock: Clock,
  ) {
    this.address = addressOf(url);
    this.redis = new Redis(url, boundedOptions(ANSWER_WITHIN_MS));
    this.redis.on('error', (error: unknown) => {
      this.#said = error;
    });
    this.redis.on('close', () => {
      this.#down();
    });
  }

  /** Connects for the first time; throws STORE_UNAVAILABLE when the server does not answer. */
  async connect(): Promise<void> {
    try {
      await this.redis.connect();
    } catch (error) {
      this.redis.disconnect();
      throw redisFailure(this.#said ?? error, this.address);
    }
  }

  /** Runs commands; throws STORE_UNAVAILABLE within 2 s when the server does not answer, or may not be used. */
  async call<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#admission !== undefined) await this.#admission;
    const answer = await this.ask(work);
    this.#up();
    return answer;
  }

  /** Asks on a connection that was not looked at yet: for the look itself. */
  async ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new BerthError('SHUTTING_DOWN', `the connection to Redis is closed; the server is stopping`);
    const sentOn = this.#dropped;
    try {
      return await work(this.redis);
    } catch (error) {
      // Without a connection the driver says only that; why there is none was said before.
      const unsent = this.redis.status !== 'ready' && !(error instanceof ReplyError);
      const failure = redisFailure(unsent ? (this.#said ?? error) : error, this.address);
      if (failure instanceof BerthError) this.#down();
      if (error instanceof Error && error.message === 'Command timed out' && sentOn === this.#dropped) {
        this.#dropped += 1;
        this.redis.disconnect(true);
      }
      throw failure;
    }
  }

  /** Tells when the server answers again after it did not. */
  onRecovered(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Has each new connection looked at before calls go through it. While `look` rejects, calls are refused with the same
   * reason, and it is called again now and then.
   */
  admitBy(look: () => Promise<void>): void {
    this.redis.on('ready', () => {
      this.#lookAt(look);
    });
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.redis.disconnect();
  }

  #lookAt(look: () => Promise<void>): void {
    const admission = look().then(
      () => {
        if (this.#admission !== admission) return;
        this.#admission = undefined;
        this.#up();
      },
      (error: unknown) => {
        this.#down();
        this.clock.after(LOOK_AGAIN_MS, () => {
          // Not when a later connection is looked at, or has been.
          if (this.#admission === admission && !this.#closed) this.#lookAt(look);
        });
        throw refusal(error);
      },
    );
    admission.catch(() => undefined);
    this.#admission = admission;
  }

  #down(): void {
    this.#isDown = true;
  }

  #up(): void {
    this.#said = undefined;
    if (!this.#isDown) return;
    this.#isDown = false;
    for (const listener of this.#listeners) listener();
  }
}
