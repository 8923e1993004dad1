import type { Clock } from '@berth/kernel';

/** A stream whose reader may be slow. */
export interface WatchedStream {
  /** How many messages have left so far. */
  readonly flushed: number;
  /** Kept by SlowReaders. */
  watch: Watch | undefined;
  /** Ends the stream with SLOW_READER. */
  cut(): void;
  /** Drops the stream with what it still holds. */
  reset(): void;
}

/** What is known of a stream that had messages waiting since the last sweep. */
export interface Watch {
  /** False when everything has left. */
  waiting: boolean;
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
  /**
   * The streams with a watch. A stream stays until the next sweep, so that a message of a stream that lives changes no set.
   */
  readonly #streams = new Set<WatchedStream>();
  #sweeping = false;

  constructor(
    private readonly clock: Clock,
    readonly limitMs: number,
  ) {}

  /** Looks after a stream, from its first waiting message until `forget`. */
  watch(stream: WatchedStream): void {
    const { watch } = stream;
    if (watch?.waiting === true) return;
    const fresh = { waiting: true, flushed: stream.flushed, sinceMs: this.clock.monotonic(), cut: false };
    stream.watch = fresh;
    if (watch !== undefined) return;
    this.#streams.add(stream);
    this.#sweepLater();
  }

  /** Ends the watch: everything has left. */
  forget(stream: WatchedStream): void {
    if (stream.watch !== undefined) stream.watch.waiting = false;
  }

  /** Lets go of a stream that is over, so that it is not kept until the next sweep. */
  drop(stream: WatchedStream): void {
    if (stream.watch === undefined) return;
    stream.watch = undefined;
    this.#streams.delete(stream);
  }

  #sweepLater(): void {
    if (this.#sweeping || this.#streams.size === 0) return;
    this.#sweeping = true;
    this.clock.after(this.limitMs / SWEEPS_PER_LIMIT, () => {
      this.#sweeping = false;
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    const now = this.clock.monotonic();
    for (const stream of this.#streams) {
      const { watch } = stream;
      if (watch?.waiting !== true) {
        this.drop(stream);
      } else if (watch.cut) {
        // The status waits behind messages that the reader does not take: after a quarter more, drop it all.
        stream.reset();
        this.drop(stream);
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
