import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A TCP proxy on 127.0.0.1 that behaves as badly as it is told to. */
export interface FaultProxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections that were ever opened. */
  readonly accepted: number;
  /**
   * The network is cut: nothing gets through in either direction, and neither side learns of it, not even of a closed
   * connection. Also holds for new connections, which are accepted and stay silent.
   */
  stall(): void;
  /**
   * A request that comes from now on, and has this text in it, gets through, and its answer does not: its connection is reset
   * when the server answers. Whoever waits cannot know whether it was done.
   */
  loseAnswers(to?: string): void;
  /** The network is back: what was held up goes through, as TCP does it, and answers are not lost any more. */
  heal(): void;
  /** Resets every connection, on both sides. */
  cut(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What must happen once the network is back. */
  readonly heldUp: (() => void)[];
  /** The client sent something whose answer is to be lost. */
  asked: boolean;
}

/** Starts a proxy to a port of 127.0.0.1. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let stalled = false;
  let losing: string | undefined;
  let accepted = 0;

  const close = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };
  const server = createServer({ allowHalfOpen: false }, (client) => {
    const pair: Pair = { client, server: connect(targetPort, '127.0.0.1'), heldUp: [], asked: false };
    pairs.add(pair);
    accepted += 1;
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      from.setNoDelay(true);
      const pass = (work: () => void): void => {
        if (stalled) pair.heldUp.push(work);
        else work();
      };
      from.on('data', (data) => {
        if (losing !== undefined && from === pair.client && data.includes(losing)) pair.asked = true;
        if (losing !== undefined && from === pair.server && pair.asked) close(pair);
        else pass(() => void to.write(data));
      });
      from.on('error', () => undefined);
      from.on('close', () => pass(() => close(pair)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const pair of [...pairs]) close(pair);
  };
  return {
    port,
    address: `127.0.0.1:${String(port)}`,
    get connections() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    stall() {
      stalled = true;
    },
    loseAnswers(to = '') {
      losing = to;
    },
    heal() {
      stalled = false;
      losing = undefined;
      for (const pair of [...pairs]) for (const work of pair.heldUp.splice(0)) work();
    },
    cut,
    stop() {
      cut();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
