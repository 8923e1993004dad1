import { LeaseCalls } from './lease-calls.js';

export interface EchoJob {
  readonly address: string;
  readonly calls: number;
}

/** Unary calls that do nothing, one after the other; each one's time in ms. */
export async function runEcho({ address, calls: count }: EchoJob): Promise<readonly number[]> {
  const calls = new LeaseCalls(address, 1);
  const latencies: number[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const started = performance.now();
      await calls.release('echo');
      latencies.push(performance.now() - started);
    }
  } finally {
    calls.close();
  }
  return latencies;
}
