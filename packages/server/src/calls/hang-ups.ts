import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';

/** How many streams of one connection may be hung up: so many at once, and so many a second after that. */
export interface HangUpLimit {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  /** Hang-ups that are not forgiven yet, as of `atMs`. */
  level: number;
  atMs: number;
}

/**
 * Counts the streams that clients hang up, by connection, and tells when new ones are to be refused. An HTTP/2 server cuts
 * a connection after too many resets, and with it the leases of everybody on it; a refused stream is ended by the server,
 * so that its caller has nothing to reset. What is open goes on, and calls with one answer (Release, Renew) are taken.
 */
export class HangUps {
  readonly #buckets = new WeakMap<object, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly limit: HangUpLimit,
  ) {}

  /** A stream of this connection was hung up. */
  count(connection: object): void {
    const bucket = this.#buckets.get(connection);
    if (bucket === undefined) this.#buckets.set(connection, { level: 1, atMs: this.clock.monotonic() });
    else bucket.level = this.#levelOf(bucket) + 1;
  }

  /** Throws TOO_MANY_HANG_UPS while the connection is over its limit. */
  check(connection: object): void {
    const bucket = this.#buckets.get(connection);
    if (bucket === undefined) return;
    const over = this.#levelOf(bucket) - this.limit.burst;
    if (over < 0) return;
    const { burst, perSecond } = this.limit;
    throw new BerthError(
      'TOO_MANY_HANG_UPS',
      `this connection hung up more than ${String(burst)} streams at once, or ${String(perSecond)} a second; end a wait with CancelRequest and a lease with Release, and try again in a moment`,
      { retryAfterMs: Math.ceil(((over + 1) / perSecond) * 1000) },
    );
  }

  #levelOf(bucket: Bucket): number {
    const now = this.clock.monotonic();
    bucket.level = Math.max(0, bucket.level - ((now - bucket.atMs) / 1000) * this.limit.perSecond);
    bucket.atMs = now;
    return bucket.level;
  }
}
