import type { Clock } from '@berth/kernel';

/** A stream whose reader may be slow. */
export interface WatchedStream {
  /** How many messages have left so far. */
  readonly flushed: number;
  /** Ends the stream with SLOW_READER. */
  cut(): void;
  /** Drops the stream with what it still holds. */
  reset(): void;
}

interface Watch {
  flushed: number;
  sinceMs: number;
  cut: boolean;
}

const SWEEPS_PER_LIMIT = 4;

/**
 * Cuts off streams of which no message left for `limitMs` although some wait, found within a quarter of that. One timer
 * for all streams, running only while some stream has messages waiting.
 */
export class SlowReaders {
  readonly #watches = new Map<WatchedStream, Watch>();
  #sweeping = false;

  constructor(
    private readonly clock: Clock,
    readonly limitMs: number,
  ) {}

  /** Looks after a stream, from its first waiting message until `forget`. */
  watch(stream: WatchedStream): void {
    if (this.#watches.has(stream)) return;
    this.#watches.set(stream, { flushed: stream.flushed, sinceMs: this.clock.monotonic(), cut: false });
    this.#sweepLater();
  }

  /** Ends the watch: everything has left, or never will. */
  forget(stream: WatchedStream): void {
    this.#watches.delete(stream);
  }

  #sweepLater(): void {
    if (this.#sweeping || this.#watches.size === 0) return;
    this.#sweeping = true;
    this.clock.after(this.limitMs / SWEEPS_PER_LIMIT, () => {
      this.#sweeping = false;
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    const now = this.clock.monotonic();
    for (const [stream, watch] of this.#watches) {
      if (watch.cut) {
        // The status waits behind messages that the reader does not take: after a quarter more, drop it all.
        stream.reset();
        this.#watches.delete(stream);
      } else if (stream.flushed !== watch.flushed) {
        watch.flushed = stream.flushed;
        watch.sinceMs = now;
      } else if (now - watch.sinceMs >= this.limitMs) {
        watch.cut = true;
        stream.cut();
      }
    }
  }
}
