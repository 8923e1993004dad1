import type { Clock } from '@berth/kernel';
import { Redis } from 'ioredis';
import type { ChainedEntry } from '../event-log/chain.js';
import { continues } from '../event-log/chain.js';
import type { Followed, Revision } from '../event-log/event-log.js';
import { Wakeups } from '../event-log/wakeups.js';
import type { LabKeys } from './lab-keys.js';
import { READ } from './log.lua.js';
import { runScript } from './lua-script.js';
import { ANSWER_WITHIN_MS, boundedOptions } from './redis-connection.js';
import type { StreamEntry } from './stream-entry.js';
import { streamEntry } from './stream-entry.js';

/** How long one XREAD waits; after each the position is checked, so data that vanished under us is noticed this soon. */
const BLOCK_MS = 1_000;
const PAGE = 1_000;
const RETRY_MS = 250;

export interface StreamToFollow {
  readonly url: string;
  readonly keys: LabKeys;
  readonly clock: Clock;
}

/** The entries after `cursor`; 'lost' when the log does not go on from there. */
async function page(redis: Redis, keys: LabKeys, cursor: Revision): Promise<readonly ChainedEntry[] | 'lost'> {
  const answer = await runScript(redis, READ, [keys.log, keys.last], [cursor, PAGE]);
  const [, last, found] = answer as [number, Revision, StreamEntry[]];
  const entries = found.map(streamEntry);
  return continues(cursor, last, entries[0]) ? entries : 'lost';
}

/** Waits for entries after `cursor`; none when there were none for a while. */
async function pushed(redis: Redis, keys: LabKeys, cursor: Revision): Promise<readonly ChainedEntry[]> {
  const position = `${String(cursor)}-0`;
  const answer = await redis.xreadBuffer('COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', keys.log, position);
  const [, found] = (answer?.[0] ?? [keys.log, []]) as unknown as [unknown, StreamEntry[]];
  return found.map(streamEntry);
}

/** One connection's worth of following: ends by throwing when it breaks, or with 'lost'. */
async function* followOnce(redis: Redis, keys: LabKeys, after: Revision): AsyncGenerator<ChainedEntry, 'lost'> {
  let cursor = after;
  let found = await page(redis, keys, cursor);
  for (;;) {
    if (found === 'lost') return 'lost';
    for (const chained of found) {
      // Between two looks the log may have been emptied and gone on: then the next entry does not name our position.
      if (chained.prev !== cursor) return 'lost';
      cursor = chained.entry.last;
      yield chained;
    }
    const next = await pushed(redis, keys, cursor);
    found = next.length === 0 ? await page(redis, keys, cursor) : next;
  }
}

/**
 * Entries after `after`, over a connection of its own, since XREAD keeps its connection busy. A server that goes away, is
 * frozen or restarts is waited for; where the log does not go on from the position, yields `lost` and ends.
 */
export async function* followStream(
  { url, keys, clock }: StreamToFollow,
  after: Revision,
  signal: AbortSignal,
): AsyncGenerator<Followed, void> {
  let cursor = after;
  while (!signal.aborted) {
    const redis = new Redis(url, { ...boundedOptions(BLOCK_MS + ANSWER_WITHIN_MS), retryStrategy: () => null });
    redis.on('error', () => undefined);
    const hangUp = (): void => {
      redis.disconnect();
    };
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      await redis.connect();
      const entries = followOnce(redis, keys, cursor);
      for (;;) {
        const next = await entries.next();
        if (next.done === true) {
          yield { kind: 'lost' };
          return;
        }
        cursor = next.value.entry.last;
        yield { kind: 'entry', entry: next.value.entry };
      }
    } catch {
      // Whatever broke, the next connection starts with a check of the position; the store's own calls tell the user.
      await new Wakeups().next(signal, clock, RETRY_MS);
    } finally {
      signal.removeEventListener('abort', hangUp);
      redis.disconnect();
    }
  }
}
