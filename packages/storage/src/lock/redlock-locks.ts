import type { Clock } from '@berth/kernel';
import { BerthError, systemClock } from '@berth/kernel';
import { Redis } from 'ioredis';
import type { Lock } from 'redlock';
import Redlock from 'redlock';
import { addressOf, boundedOptions } from '../redis/redis-connection.js';
import type { StoreLog } from '../redis/server-facts.js';
import { HeldRedlock, surelyMs } from './held-redlock.js';
import type { HeldLock, Locks } from './lock.js';
import { noMajority, unanswered } from './unanswered.js';
import { within } from './within.js';

export interface RedlockOptions {
  /** One or an odd number of independent Redis servers, none a replica of another: `redis://[user:password@]host[:port][/db]`. */
  readonly urls: readonly string[];
  /** First part of every key; default `berth`. */
  readonly keyPrefix?: string;
  /** Only its monotonic time and its timers are used; default: the machine's. */
  readonly clock?: Clock;
  readonly log?: StoreLog;
}

/** Without an answer for so long, a node counts as one against. */
const ANSWER_WITHIN_MS = 500;
/** A majority that refuses comes after one such wait, and what a minority gave is given back in a second one. */
const DECIDED_WITHIN_MS = 3 * ANSWER_WITHIN_MS;

/** Throws INVALID_CONFIG for nodes that can be split evenly, or that are counted twice. */
function checkUrls(urls: readonly string[]): void {
  const nodes = urls.map(addressOf);
  if (nodes.length % 2 === 0) {
    throw new BerthError(
      'INVALID_CONFIG',
      `locks need 1 or an odd number of Redis servers, not ${String(nodes.length)}: name one more or one less`,
    );
  }
  const twice = nodes.find((node, index) => nodes.indexOf(node) !== index);
  if (twice === undefined) return;
  throw new BerthError('INVALID_CONFIG', `the Redis server ${twice} is named twice for locks: name each one once`);
}

class RedlockLocks implements Locks {
  readonly #redlock: Redlock;
  readonly #held = new Set<HeldLock>();
  #closed = false;

  constructor(
    readonly nodes: readonly Redis[],
    readonly keyPrefix: string,
    readonly clock: Clock,
  ) {
    this.#redlock = new Redlock(nodes, { retryCount: 0 });
  }

  async acquire(name: string, ttlMs: number): Promise<HeldLock | undefined> {
    if (this.#closed) throw closed();
    const whole = Math.floor(ttlMs);
    const askedAt = this.clock.monotonic();
    const asked = this.#redlock.acquire([`${this.keyPrefix}:lock:${name}`], whole);
    let lock: Lock | undefined;
    try {
      lock = await within(asked, this.clock, DECIDED_WITHIN_MS);
    } catch (error) {
      const failure = await unanswered(error, this.nodes.length, this.clock, ANSWER_WITHIN_MS);
      if (failure === undefined) return undefined;
      throw this.#isClosed() ? closed() : failure;
    }
    const late = this.clock.monotonic() > askedAt + surelyMs(whole);
    if (lock === undefined || late || this.#isClosed()) {
      // It may still be taken: then it is given back.
      asked.then(
        (taken) => void taken.release().catch(() => undefined),
        () => undefined,
      );
      throw this.#isClosed() ? closed() : noMajority(this.nodes.length, 'they answered too late');
    }
    const held = new HeldRedlock(name, whole, this.clock, lock, askedAt);
    this.#held.add(held);
    held.signal.addEventListener('abort', () => this.#held.delete(held), { once: true });
    return held;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#held].map((held) => held.release()));
    for (const node of this.nodes) node.disconnect();
  }

  /** Looked at anew after a wait. */
  #isClosed(): boolean {
    return this.#closed;
  }
}

function closed(): BerthError {
  return new BerthError('SHUTTING_DOWN', 'the locks are closed; the server is stopping');
}

async function connectTo(url: string, log: StoreLog | undefined): Promise<Redis> {
  const node = new Redis(url, boundedOptions(ANSWER_WITHIN_MS));
  let warned = false;
  node.on('error', (error: unknown) => {
    if (!warned) log?.warn({ err: error, store: addressOf(url) }, 'a Redis server for locks cannot be reached');
    warned = true;
  });
  node.on('ready', () => {
    warned = false;
  });
  // One that is not there yet is connected to for ever.
  await node.connect().catch(() => undefined);
  return node;
}

/**
 * Locks on Redis by the Redlock algorithm: whoever has a majority of the servers has the lock. Throws INVALID_CONFIG for an
 * even number of servers. Servers that cannot be reached are connected to in the background.
 */
export async function redlockLocks(options: RedlockOptions): Promise<Locks> {
  const { urls, log, keyPrefix = 'berth', clock = systemClock() } = options;
  checkUrls(urls);
  const nodes = await Promise.all(urls.map((url) => connectTo(url, log)));
  return new RedlockLocks(nodes, keyPrefix, clock);
}
