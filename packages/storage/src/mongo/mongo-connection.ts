import { BerthError, systemClock } from '@berth/kernel';
import type { Connection } from 'mongoose';
import mongoose from 'mongoose';
import type { StoreLog } from '../redis/server-facts.js';
import { addressOf, mongoFailure, outcomeUnknown, unavailable } from './mongo-failure.js';

/** Without an answer for so long, a call fails: callers hear of a frozen server within 3 s. */
export const ANSWER_WITHIN_MS = 3_000;
const SELECT_WITHIN_MS = 2_000;
/** How often the driver looks whether its servers live; broken connections are dropped then. */
const LOOK_EVERY_MS = 1_000;

/** Between the tries of a write: the first pause, doubled for each next one, and the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 400;

const { mongo } = mongoose;
const timers = systemClock();

/** One connection pool with bounded time for every call. The driver comes back by itself after an outage. */
export class MongoConnection {
  readonly address: string;
  readonly mongoose: Connection;
  #closed = false;

  constructor(
    readonly url: string,
    readonly database: string,
    readonly log: StoreLog | undefined,
    readonly answerWithinMs = ANSWER_WITHIN_MS,
    readonly selectWithinMs = SELECT_WITHIN_MS,
  ) {
    this.address = addressOf(url);
    this.mongoose = mongoose.createConnection();
    this.mongoose.on('error', (error: unknown) => {
      log?.warn({ err: error, store: this.address }, 'MongoDB connection failed');
    });
  }

  /** Connects for the first time. Throws STORE_UNAVAILABLE, or INVALID_CONFIG for what is no replica set. */
  async connect(): Promise<void> {
    try {
      await this.mongoose.openUri(this.url, {
        dbName: this.database,
        autoIndex: false,
        autoCreate: false,
        bufferCommands: false,
        serverSelectionTimeoutMS: this.selectWithinMs,
        connectTimeoutMS: this.selectWithinMs,
        waitQueueTimeoutMS: this.selectWithinMs,
        heartbeatFrequencyMS: LOOK_EVERY_MS,
        maxPoolSize: 32,
        retryWrites: true,
        ignoreUndefined: true,
        writeConcern: { w: 'majority', journal: true },
        readPreference: 'primary',
      });
    } catch (error) {
      throw this.#connectFailure(error);
    }
    const hello = await this.call(() => this.#db().command({ hello: 1 }));
    if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return;
    throw new BerthError(
      'INVALID_CONFIG',
      `MongoDB at ${this.address} is no replica set, so it cannot tell what is durable; start it with --replSet (one node will do)`,
    );
  }

  /** Runs a call; throws STORE_UNAVAILABLE when it fails for the server's sake, or is not answered in time. */
  async call<T>(work: () => Promise<T>, withinMs = this.answerWithinMs): Promise<T> {
    if (this.#closed) {
      throw new BerthError('SHUTTING_DOWN', `the connection to MongoDB is closed; the server is stopping`);
    }
    const { promise: late, cancel } = this.#lateness(withinMs);
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw mongoFailure(error, this.address);
    } finally {
      cancel();
    }
  }

  /**
   * Runs a write, again after a pause when its outcome is unknown, for as long as that makes sense. `again` tells that an
   * earlier try may have been done; the write has to be such that doing it twice is the same as once.
   */
  write<T>(work: (again: boolean) => Promise<T>): Promise<T> {
    // The last try has half of the time to be answered.
    const end = timers.monotonic() + this.answerWithinMs / 2;
    return this.call(async () => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await work(tries > 0);
        } catch (error) {
          const pauseMs = pauseAfter(tries);
          if (!outcomeUnknown(error) || timers.monotonic() + pauseMs > end) throw error;
          await new Promise<void>((resolve) => timers.after(pauseMs, resolve));
        }
      }
    });
  }

  /**
   * Runs `work` in a transaction, again when another one was in its way, or when the connection broke. An unknown answer to
   * the commit is asked for again, in the same session, until it is known. `allowance`: so many times of the time of a call.
   */
  transaction<T>(work: (session: mongoose.mongo.ClientSession) => Promise<T>, allowance: number): Promise<T> {
    const timeoutMS = this.answerWithinMs * allowance;
    return this.call(async () => {
      const session = await this.mongoose.startSession();
      try {
        return await session.withTransaction(work, { timeoutMS });
      } finally {
        await session.endSession();
      }
    }, timeoutMS);
  }

  async ping(): Promise<void> {
    await this.call(() => this.#db().command({ ping: 1 }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.mongoose.close(true);
  }

  #db(): mongoose.mongo.Db {
    const { db } = this.mongoose;
    if (db === undefined) throw unavailable(this.address, 'not connected', 'check that it runs and can be reached');
    return db;
  }

  #lateness(withinMs: number): { readonly promise: Promise<never>; readonly cancel: () => void } {
    let cancel = (): void => undefined;
    const promise = new Promise<never>((_, reject) => {
      const timer = timers.after(withinMs, () => {
        reject(unavailable(this.address, `no answer in ${String(withinMs)} ms`, 'check its load'));
      });
      cancel = () => {
        timer.cancel();
      };
    });
    return { promise, cancel };
  }

  #connectFailure(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    // The driver's own class for the second one, that of another package for the first.
    if (error.name === 'MongoParseError' || error instanceof mongo.MongoInvalidArgumentError) {
      return new BerthError(
        'INVALID_CONFIG',
        `the URL of MongoDB cannot be used: ${error.message}`,
        {},
        { cause: error },
      );
    }
    return unavailable(this.address, error.message, 'check that it runs and can be reached', error);
  }
}

/** Half of it by chance, so that those who were refused together do not come again together. */
function pauseAfter(tries: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2);
}
