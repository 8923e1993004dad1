import type { Lease } from '@berth/proto/berth/lease/v1/lease';
import { Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import type { ClientClock } from './clock.js';
import { durationToMs } from './span.js';

const MANUAL_CHECK_MS = 10_000;
const SHORTEST_MS = 250;

/** How often to renew a lease (a third of its TTL), or to ask whether one without a TTL still is. */
export function intervalMs(lease: Pick<Lease, 'ttl'>): number {
  return lease.ttl ? Math.max(durationToMs(lease.ttl) / 3, SHORTEST_MS) : MANUAL_CHECK_MS;
}

/**
 * Calls `check` after `firstMs` and then every `intervalMs`, until the signal aborts. Throws what `check` throws when that says
 * that the lease is gone. A server that cannot be reached says nothing, and neither does one that does not take the token, which
 * may be replaced: it is asked again, sooner, and the lease's validity runs on meanwhile.
 */
export async function checkRegularly(
  firstMs: number,
  intervalMs: number,
  clock: ClientClock,
  signal: AbortSignal,
  check: () => Promise<void>,
): Promise<void> {
  for (let delay = firstMs; ;) {
    await wait(delay, clock, signal);
    if (signal.aborted) return;
    try {
      await check();
      delay = intervalMs;
    } catch (error) {
      if (isFinal(error)) throw error;
      delay = Math.max(intervalMs / 10, SHORTEST_MS);
    }
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof BerthError &&
    [Status.NOT_FOUND, Status.FAILED_PRECONDITION, Status.PERMISSION_DENIED].includes(error.code)
  );
}

function wait(ms: number, clock: ClientClock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // An aborted signal tells nobody any more.
    const cancel = clock.after(signal.aborted ? 0 : ms, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
