import type { IncomingMessage } from 'node:http';
import { Agent, get, request } from 'node:http';

export interface HttpEchoJob {
  /** Of the gateway, without a slash at its end. */
  readonly url: string;
  /** What is read, for example `/v1/benches/b0`. */
  readonly path: string;
  readonly calls: number;
}

/** Reads over HTTP, one after the other on one connection; each one's time in ms. */
export async function runHttpEcho({ url, path, calls }: HttpEchoJob): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const latencies: number[] = [];
  try {
    for (let i = 0; i < calls; i++) {
      const started = performance.now();
      await read(url + path, agent);
      latencies.push(performance.now() - started);
    }
  } finally {
    agent.destroy();
  }
  return latencies;
}

function read(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} is ${String(response.statusCode)}`));
      response.resume().once('end', resolve).once('error', reject);
    }).once('error', reject);
  });
}

export interface HttpLockJob {
  readonly url: string;
  readonly bench: string;
  /** Locks that wait at any time, besides the one that holds. */
  readonly waiting: number;
  readonly handOffs: number;
}

/** Hands a bench on along a queue of locks over HTTP; each hand-off's time from hanging up to the next one's `granted`, in ms. */
export async function runHttpLocks({ url, bench, waiting, handOffs }: HttpLockJob): Promise<readonly number[]> {
  const queue = [await Lock.join(url, bench)];
  for (let i = 0; i < waiting; i++) queue.push(await Lock.join(url, bench));
  const latencies: number[] = [];
  for (let i = 0; i < handOffs; i++) {
    const [holder, next] = queue;
    if (holder === undefined || next === undefined) throw new Error('nobody waits');
    const started = performance.now();
    holder.hangUp();
    latencies.push((await next.granted) - started);
    queue.shift();
    queue.push(await Lock.join(url, bench));
  }
  for (const lock of queue) lock.hangUp();
  return latencies;
}

/** One lock on a connection of its own. */
class Lock {
  /** When its client read that it holds. */
  readonly granted: Promise<number>;

  private constructor(private readonly response: IncomingMessage) {
    this.granted = new Promise((resolve, reject) => {
      response.on('data', (chunk: Buffer) => {
        if (chunk.includes('"event":"granted"')) resolve(performance.now());
      });
      response.once('error', reject).once('close', () => {
        reject(new Error('the lock ended'));
      });
    });
    this.granted.catch(() => undefined);
  }

  /** Opens one; resolves when it was told its place, or that it holds. */
  static join(url: string, bench: string): Promise<Lock> {
    return new Promise((resolve, reject) => {
      const asked = request(`${url}/lock?resource=${bench}`, { method: 'POST', agent: false }, (response) => {
        const lock = new Lock(response);
        response.once('data', () => {
          resolve(lock);
        });
      });
      asked.once('error', reject).end();
    });
  }

  hangUp(): void {
    this.response.destroy();
  }
}
