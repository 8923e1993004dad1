import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { continues, readable } from '../event-log/chain.js';
import { checkAppend } from '../event-log/check-append.js';
import type { Append, AppendResult, EventLog, Followed, LogEntry, Revision, Snapshot } from '../event-log/event-log.js';
import type { AppendAnswer } from './append-call.js';
import { appendCall, appendResult } from './append-call.js';
import { APPEND } from './append.lua.js';
import { DEADLINES, TOUCH } from './deadlines.lua.js';
import { followStream } from './follow-stream.js';
import type { LabKeys } from './lab-keys.js';
import { READ, SAVE_SNAPSHOT, TRIM } from './log.lua.js';
import type { LuaScript, ScriptArgument } from './lua-script.js';
import { runScript } from './lua-script.js';
import type { RedisConnection } from './redis-connection.js';
import type { ServerTime } from './server-time.js';
import type { StreamEntry } from './stream-entry.js';
import { streamEntry } from './stream-entry.js';

const PAGE = 1_000;
const LOAD_ATTEMPTS = 5;

/** What a log needs of its store. */
export interface RedisLab {
  readonly connection: RedisConnection;
  readonly time: ServerTime;
  readonly keys: LabKeys;
  readonly clock: Clock;
}

type Loaded = Awaited<ReturnType<EventLog['load']>>;

/** The log of one lab in Redis, shared by any number of processes. Times are the server's. */
export class RedisEventLog implements EventLog {
  readonly #lab: RedisLab;
  readonly #closing = new AbortController();
  readonly #unlisten = new Set<() => void>();

  constructor(lab: RedisLab) {
    this.#lab = lab;
  }

  now(): number {
    return this.#lab.time.now();
  }

  async append(batch: Append): Promise<AppendResult> {
    checkAppend(batch);
    const { keys, args } = appendCall(batch, this.#lab.keys);
    const answer = await this.#timed<AppendAnswer>(APPEND, keys, args, ([, nowUs]) => nowUs);
    return appendResult(answer, batch.expected);
  }

  async load(): Promise<Loaded> {
    // Another replica may save a newer snapshot and trim while this one reads page by page: then it starts anew.
    for (let attempt = 0; attempt < LOAD_ATTEMPTS; attempt += 1) {
      const loaded = await this.#loadOnce();
      if (loaded !== undefined) return loaded;
    }
    throw new BerthError(
      'STORE_UNAVAILABLE',
      `the log in Redis at ${this.#lab.connection.address} was changed ${String(LOAD_ATTEMPTS)} times while it was read; retry`,
      { retryAfterMs: 1_000 },
    );
  }

  async read(after: Revision, limit = PAGE): Promise<readonly LogEntry[] | 'trimmed'> {
    const [, last, found] = await this.#readPage(after, limit);
    return readable(after, last, found.map(streamEntry));
  }

  follow(after: Revision, signal: AbortSignal): AsyncIterable<Followed> {
    const { connection, keys, clock } = this.#lab;
    return followStream({ url: connection.url, keys, clock }, after, AbortSignal.any([signal, this.#closing.signal]));
  }

  async saveSnapshot({ revision, data }: Snapshot): Promise<void> {
    const { log, last, snapshot } = this.#lab.keys;
    await this.#script(SAVE_SNAPSHOT, [log, last, snapshot], [revision, Buffer.from(data)]);
  }

  async trim(upTo: Revision): Promise<void> {
    const { log, snapshot, bookmarks } = this.#lab.keys;
    await this.#script(TRIM, [log, snapshot, bookmarks], [upTo]);
  }

  async bookmark(reader: string): Promise<Revision | undefined> {
    const found = await this.#lab.connection.call((redis) => redis.hget(this.#lab.keys.bookmarks, reader));
    return found === null ? undefined : Number(found);
  }

  async setBookmark(reader: string, position: Revision | undefined): Promise<void> {
    const { bookmarks } = this.#lab.keys;
    await this.#lab.connection.call((redis) =>
      position === undefined ? redis.hdel(bookmarks, reader) : redis.hset(bookmarks, reader, position),
    );
  }

  async touch(
    leases: readonly { readonly lease: string; readonly ttlMs: number }[],
    missing = false,
  ): Promise<readonly boolean[]> {
    const args: ScriptArgument[] = [missing ? 1 : 0];
    for (const { lease, ttlMs } of leases) args.push(lease, Math.ceil(ttlMs * 1_000));
    const answer = await this.#timed<[number, ...number[]]>(
      TOUCH,
      [this.#lab.keys.deadlines],
      args,
      ([nowUs]) => nowUs,
    );
    return answer.slice(1).map((done) => done === 1);
  }

  async deadlines(leases: readonly string[]): Promise<readonly (number | undefined)[]> {
    const answer = await this.#timed<[number, ...(Buffer | null)[]]>(
      DEADLINES,
      [this.#lab.keys.deadlines],
      leases,
      ([nowUs]) => nowUs,
    );
    const [nowUs, ...found] = answer;
    return found.map((at) => (at === null ? undefined : (Number(at.toString()) - nowUs) / 1_000));
  }

  async openSession(session: string, ttlMs: number): Promise<void> {
    const key = this.#lab.keys.session(session);
    await this.#lab.connection.call((redis) => redis.set(key, '1', 'PX', Math.ceil(ttlMs)));
  }

  async beat(session: string, ttlMs: number): Promise<boolean> {
    const key = this.#lab.keys.session(session);
    return (await this.#lab.connection.call((redis) => redis.set(key, '1', 'PX', Math.ceil(ttlMs), 'XX'))) === 'OK';
  }

  async closeSession(session: string): Promise<void> {
    await this.#lab.connection.call((redis) => redis.del(this.#lab.keys.session(session)));
  }

  async aliveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>> {
    if (sessions.length === 0) return new Set();
    const keys = sessions.map((session) => this.#lab.keys.session(session));
    const found = await this.#lab.connection.call((redis) => redis.mget(keys));
    return new Set(sessions.filter((_, index) => found[index] !== null));
  }

  async recall(id: string): Promise<string | undefined> {
    return (await this.#lab.connection.call((redis) => redis.get(this.#lab.keys.answer(id)))) ?? undefined;
  }

  onRecovered(listener: () => void): () => void {
    const end = this.#lab.connection.onRecovered(listener);
    this.#unlisten.add(end);
    return () => {
      this.#unlisten.delete(end);
      end();
    };
  }

  close(): Promise<void> {
    this.#closing.abort();
    for (const end of this.#unlisten) end();
    return Promise.resolve();
  }

  async #loadOnce(): Promise<Loaded | undefined> {
    const found = await this.#lab.connection.call((redis) =>
      redis.hmgetBuffer(this.#lab.keys.snapshot, 'revision', 'data'),
    );
    const [revision, data] = found;
    const snapshot = revision && data ? { revision: Number(revision.toString()), data } : undefined;
    const entries: LogEntry[] = [];
    let cursor = snapshot?.revision ?? 0;
    for (;;) {
      const [, last, page] = await this.#readPage(cursor, PAGE);
      const chained = page.map(streamEntry);
      if (!continues(cursor, last, chained[0])) return undefined;
      for (const { entry } of chained) entries.push(entry);
      cursor = chained.at(-1)?.entry.last ?? cursor;
      if (cursor === last) return { snapshot, entries, last };
    }
  }

  #readPage(after: Revision, limit: number): Promise<[nowUs: number, last: Revision, entries: StreamEntry[]]> {
    return this.#timed(READ, [this.#lab.keys.log, this.#lab.keys.last], [after, limit], ([nowUs]) => nowUs);
  }

  #script(script: LuaScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#lab.connection.call((redis) => runScript(redis, script, keys, args));
  }

  /** Runs a script whose answer carries the server's time, and notes that. */
  async #timed<T>(
    script: LuaScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    nowUs: (answer: T) => number,
  ): Promise<T> {
    const sentMs = this.#lab.clock.monotonic();
    const answer = (await this.#script(script, keys, args)) as T;
    this.#lab.time.seen(nowUs(answer), sentMs);
    return answer;
  }
}
