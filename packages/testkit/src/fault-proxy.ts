import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A TCP proxy on 127.0.0.1 that behaves as badly as it is told to. */
export interface FaultProxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Connections that are open now. */
  readonly connections: number;
  /**
   * The network is cut: nothing gets through in either direction, and neither side learns of it, not even of a closed
   * connection. Also holds for new connections, which are accepted and stay silent.
   */
  stall(): void;
  /** The network is back: what was held up goes through, as TCP does it. */
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
}

/** Starts a proxy to a port of 127.0.0.1. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let stalled = false;

  const close = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };
  const server = createServer({ allowHalfOpen: false }, (client) => {
    const pair: Pair = { client, server: connect(targetPort, '127.0.0.1'), heldUp: [] };
    pairs.add(pair);
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      from.setNoDelay(true);
      const pass = (work: () => void): void => {
        if (stalled) pair.heldUp.push(work);
        else work();
      };
      from.on('data', (data) => pass(() => void to.write(data)));
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
    stall() {
      stalled = true;
    },
    heal() {
      stalled = false;
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
