import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '@berth/kernel';

/** Under 32 writers of one document a write takes about 12 tries; more than this is no ordinary contention. */
const MOST_TRIES = 200;
/** More than a transaction of a dead process may stay open. */
const MOST_WAITS = 1000;
const LONGEST_PAUSE_MS = 50;

/** Waits a little before another try: losers that tried again at once would lose again. Throws TOO_MANY_CONFLICTS. */
export async function pause(tries: number, what: string): Promise<void> {
  if (tries >= MOST_TRIES) throw givenUp(`others changed ${what} again and again while this was tried`);
  await shortSleep(tries);
}

/** Waits a little for what somebody else is doing with `what`. Throws TOO_MANY_CONFLICTS when that takes too long. */
export async function wait(waits: number, what: string): Promise<void> {
  if (waits >= MOST_WAITS) throw givenUp(`somebody else's change of ${what} did not end while this waited for it`);
  await shortSleep(waits);
}

async function shortSleep(tries: number): Promise<void> {
  await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** Math.min(tries, 6)));
}

function givenUp(why: string): BerthError {
  return new BerthError('TOO_MANY_CONFLICTS', `${why}; nothing was done. Repeat it with the same request_id.`, {
    retryAfterMs: 100,
  });
}
