import { type ChannelInterface, connectivityState } from '@grpc/grpc-js';

type Call = ReturnType<ChannelInterface['createCall']>;

/** The state of several channels as one: the first of these that one of them has. */
const STATES = [
  connectivityState.READY,
  connectivityState.CONNECTING,
  connectivityState.IDLE,
  connectivityState.TRANSIENT_FAILURE,
] as const;

/**
 * Several servers as one channel: calls go in turn to those that are connected, so that a stream that broke comes back on
 * another one. Each has a channel of its own, so that certificates are checked against its own name.
 */
export class SpreadChannel implements ChannelInterface {
  #next: number;
  #someReady: Promise<void> | undefined;

  /** The first call goes to a server that is drawn, so that many clients do not all begin with the same one. */
  constructor(
    readonly channels: readonly ChannelInterface[],
    random: () => number = Math.random,
  ) {
    this.#next = Math.floor(random() * channels.length);
  }

  createCall(...args: Parameters<ChannelInterface['createCall']>): Call {
    return this.#pick().createCall(...args);
  }

  /**
   * Resolves when one is connected, or none can be: then a call fails at once with the reason. Undefined when one is connected
   * now, so that a call need not wait for its turn.
   */
  someReady(): Promise<void> | undefined {
    const states = this.channels.map((channel) => channel.getConnectivityState(true));
    if (states.includes(connectivityState.READY)) return undefined;
    return (this.#someReady ??= this.#waitForOne().finally(() => {
      this.#someReady = undefined;
    }));
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  getTarget(): string {
    return this.channels.map((channel) => channel.getTarget()).join(',');
  }

  getConnectivityState(tryToConnect: boolean): connectivityState {
    const states = this.channels.map((channel) => channel.getConnectivityState(tryToConnect));
    return STATES.find((state) => states.includes(state)) ?? connectivityState.SHUTDOWN;
  }

  watchConnectivityState(
    currentState: connectivityState,
    deadline: Date | number,
    callback: (error?: Error) => void,
  ): void {
    let isOver = false;
    const look = (error?: Error): void => {
      if (isOver) return;
      isOver = error !== undefined || this.getConnectivityState(false) !== currentState;
      if (isOver) callback(error);
      else this.#onChange(deadline, look);
    };
    this.#onChange(deadline, look);
  }

  getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
    return this.#pick().getChannelzRef();
  }

  /** Calls back once, when any of them changes its state. */
  #onChange(deadline: Date | number, callback: (error?: Error) => void): void {
    let isOver = false;
    for (const channel of this.channels) {
      channel.watchConnectivityState(channel.getConnectivityState(false), deadline, (error) => {
        if (!isOver) callback(error);
        isOver = true;
      });
    }
  }

  async #waitForOne(): Promise<void> {
    // Connections alone keep no process alive, and a program that waits for its first call must not end meanwhile.
    const alive = setInterval(() => undefined, 2 ** 30);
    try {
      await this.#oneReady();
    } finally {
      clearInterval(alive);
    }
  }

  async #oneReady(): Promise<void> {
    for (;;) {
      const states = this.channels.map((channel) => channel.getConnectivityState(true));
      const isOpen = (state: connectivityState): boolean =>
        state === connectivityState.CONNECTING || state === connectivityState.IDLE;
      if (states.includes(connectivityState.READY) || !states.some(isOpen)) return;
      await new Promise<void>((resolve) => {
        this.#onChange(Infinity, () => {
          resolve();
        });
      });
    }
  }

  /** The next that is connected; else the next that may be. */
  #pick(): ChannelInterface {
    const { channels } = this;
    const states = channels.map((channel) => channel.getConnectivityState(false));
    const best = STATES.find((state) => states.includes(state));
    const inTurn = [...channels.slice(this.#next), ...channels.slice(0, this.#next)];
    const picked = inTurn.find((channel) => states[channels.indexOf(channel)] === best) ?? inTurn[0];
    if (picked === undefined) throw new Error('there is no server to call');
    this.#next = (channels.indexOf(picked) + 1) % channels.length;
    return picked;
  }
}
