import { isGrant, LeaseCalls } from './lease-calls.js';

/** The bench of which the server that does nothing tells its watchers when it is given back. */
export const TOLD_BENCH = 'told';

export interface CancelsJob {
  readonly address: string;
  readonly cancels: number;
}

/**
 * Hangs up streams, one after the other, and waits each time until the server has seen it: it tells a watcher then. Each
 * one's time in ms, from the cancel to the watcher's message. For the server that does nothing.
 */
export async function runCancels({ address, cancels }: CancelsJob): Promise<readonly number[]> {
  const calls = new LeaseCalls(address, 1);
  const latencies: number[] = [];
  let seen: () => void = () => undefined;
  const watcher = calls.watch(0);
  watcher.on('error', () => undefined);
  try {
    await new Promise((resolve) => watcher.once('data', resolve));
    watcher.on('data', () => {
      seen();
    });
    for (let i = 0; i < cancels; i += 1) {
      const stream = calls.acquire({ bench: TOLD_BENCH });
      stream.on('error', () => undefined);
      await new Promise<void>((resolve) => {
        stream.on('data', (bytes: Buffer) => {
          if (isGrant(bytes)) resolve();
        });
      });
      const told = new Promise<void>((resolve) => (seen = resolve));
      const started = performance.now();
      stream.cancel();
      await told;
      latencies.push(performance.now() - started);
    }
  } finally {
    watcher.cancel();
    calls.close();
  }
  return latencies;
}
