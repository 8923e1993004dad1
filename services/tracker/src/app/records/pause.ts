import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '@berth/kernel';

/** Under 32 writers of one document a write takes about 12 tries; more than this is no ordinary contention. */
const MOST_TRIES = 200;
const LONGEST_PAUSE_MS = 50;

/** Waits a little before another try: losers that tried again at once would lose again. Throws TOO_MANY_CONFLICTS. */
export async function pause(tries: number, what: string): Promise<void> {
  if (tries >= MOST_TRIES) {
    const why = `others changed ${what} again and again while this was tried; nothing was done`;
    throw new BerthError('TOO_MANY_CONFLICTS', `${why}. Repeat it with the same request_id.`, { retryAfterMs: 100 });
  }
  await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** Math.min(tries, 6)));
}
