import { type Channel, connectivityState } from '@grpc/grpc-js';

/**
 * Tells when the connection under a channel takes no new calls any more: the other side drains it (GOAWAY), or it broke.
 * The calls on a connection that drains are served on, for as long as the other side likes and grpc-js lets it: its next
 * ping (within 10 s) fails on such a connection, and ends them.
 */
export class DrainWatch {
  readonly #listeners = new Set<() => void>();
  #watching = false;

  constructor(private readonly channel: Channel) {}

  /** Calls back each time, until the function that is returned is called. */
  onDrain(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#watching) this.#watch();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #watch(): void {
    const state = this.channel.getConnectivityState(false);
    this.#watching = state !== connectivityState.SHUTDOWN;
    if (!this.#watching) return;
    this.channel.watchConnectivityState(state, Infinity, () => {
      this.#watch();
      if (state === connectivityState.READY && this.#watching) for (const listener of [...this.#listeners]) listener();
    });
  }
}
