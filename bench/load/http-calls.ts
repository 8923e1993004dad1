import { Agent, get } from 'node:http';

export interface HttpCallsJob {
  /** What is read. */
  readonly url: string;
  readonly seconds: number;
  /** Reads that are under way at any time, each on a connection of its own. */
  readonly concurrency: number;
}

export interface HttpCallsResult {
  readonly calls: number;
  readonly perSecond: number;
}

/** Reads over HTTP on kept connections, as fast as it goes. */
export async function runHttpCalls({ url, seconds, concurrency }: HttpCallsJob): Promise<HttpCallsResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (; performance.now() < end; calls++) await readAll(url, agent);
    }),
  );
  agent.destroy();
  return { calls, perSecond: calls / seconds };
}

/** Reads an answer to its end. Throws for one that is not 200. */
export function readAll(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} is ${String(response.statusCode)}`));
      response.resume().once('end', resolve).once('error', reject);
    }).once('error', reject);
  });
}
