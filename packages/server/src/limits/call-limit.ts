import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Caller } from '../identity/caller.js';
import { ANYBODY } from '../identity/caller.js';

interface Bucket {
  /** Calls that may be made at once, as of `atMs`. */
  left: number;
  atMs: number;
}

/** Callers that are kept. A bucket that is full again says no more than none. */
const MOST_BUCKETS = 10_000;

/**
 * Bounds the calls that each caller makes: so many a second, and as many at once. Calls that a service makes for somebody were
 * counted where they came in, and what is open to everybody is not counted.
 */
export class CallLimit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Counts a call. Throws RATE_LIMITED when it is one too many. */
  check(caller: Caller): void {
    if (caller === ANYBODY || caller.via === 'process' || caller.by !== undefined) return;
    const bucket = this.#bucketOf(caller.name);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return;
    }
    const { perSecond } = this;
    const limit = `${caller.name} makes more than ${String(perSecond)} calls a second`;
    throw new BerthError(
      'RATE_LIMITED',
      `${limit} (server.maxCallsPerSecond); call less often, and wait for changes by a watch`,
      {
        quota: [{ subject: caller.name, description: `${String(perSecond)} calls a second` }],
        retryAfterMs: Math.ceil(((1 - bucket.left) / perSecond) * 1000),
      },
    );
  }

  /** Callers that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #bucketOf(name: string): Bucket {
    const now = this.clock.monotonic();
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) {
      this.#refill(bucket, now);
      return bucket;
    }
    if (this.#buckets.size >= MOST_BUCKETS) this.#forget(now);
    const fresh = { left: this.#most, atMs: now };
    this.#buckets.set(name, fresh);
    return fresh;
  }

  get #most(): number {
    return Math.max(1, this.perSecond);
  }

  #refill(bucket: Bucket, now: number): void {
    bucket.left = Math.min(this.#most, bucket.left + ((now - bucket.atMs) / 1000) * this.perSecond);
    bucket.atMs = now;
  }

  /** Forgets callers whose buckets are full again, and when that is not enough, the tenth that came first. */
  #forget(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      this.#refill(bucket, now);
      if (bucket.left >= this.#most) this.#buckets.delete(name);
    }
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size < (MOST_BUCKETS * 9) / 10) return;
      this.#buckets.delete(name);
    }
  }
}
