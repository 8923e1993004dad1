import { pause } from '@berth/kernel';
import { labOf } from '../../domain/index.js';
import type { BookingContext } from '../booking-context.js';
import { LabFollower } from './lab-follower.js';

/** How often labs are looked for that another process has booked on. */
const LOOK_MS = 5000;

/** Keeps all labs and their ledgers equal, until the signal aborts. */
export async function keepLabs(context: BookingContext, signal: AbortSignal): Promise<void> {
  const { roots, clock } = context;
  const following = new Map<string, Promise<void>>();
  const over = new AbortController();
  const forget = roots.onFound((replica) => {
    if (labOf(replica.root) === undefined || following.has(replica.root)) return;
    const follower = new LabFollower(context, replica);
    following.set(replica.root, follower.run(AbortSignal.any([signal, over.signal])));
  });
  try {
    while (!signal.aborted) {
      await roots.refresh();
      await pause(clock, LOOK_MS, signal);
    }
  } finally {
    forget();
    over.abort();
    await Promise.all(following.values());
  }
}
