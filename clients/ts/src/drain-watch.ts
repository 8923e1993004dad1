import { type ChannelInterface, connectivityState } from '@grpc/grpc-js';

/**
 * Tells when the connection under one of some channels takes no new calls any more: the other side drains it (GOAWAY), or it broke.
 * The calls on a connection that drains are served on, for as long as the other side likes and grpc-js lets it: its next
 * ping (within 10 s) fails on such a connection, and ends them.
 */
export class DrainWatch {
  readonly #listeners = new Set<() => void>();
  #watching = false;

  constructor(private readonly channels: readonly ChannelInterface[]) {}

  /** Calls back each time, until the function that is returned is called. */
  onDrain(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#watching) for (const channel of this.channels) this.#watch(channel);
    this.#watching = true;
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #watch(channel: ChannelInterface): void {
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.SHUTDOWN) return;
    channel.watchConnectivityState(state, Infinity, () => {
      const isOpen = channel.getConnectivityState(false) !== connectivityState.SHUTDOWN;
      this.#watch(channel);
      if (state === connectivityState.READY && isOpen) for (const listener of [...this.#listeners]) listener();
    });
  }
}
