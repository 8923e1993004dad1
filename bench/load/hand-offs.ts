import { setTimeout as sleep } from 'node:timers/promises';
import { grantIn, isGrant, LeaseCalls } from './lease-calls.js';

export interface HandOffJob {
  readonly address: string;
  readonly bench: string;
  /** Requests that wait at any time, besides the holder. */
  readonly waiting: number;
  readonly handOffs: number;
  /** How the holder gives the bench back. */
  readonly how: 'hang up' | 'release';
  /**
   * A hand-off is due every so often, and its time counts from when it was due: what holds one up shows in all that it makes
   * late. Absent: each follows the one before at once.
   */
  readonly everyMs?: number;
  /** How long each lease lasts at most. */
  readonly maxSeconds?: number;
}

// Before every crowd that waits with a lower priority.
const PRIORITY = 100;
const TTL_SECONDS = 600;
const CONNECTIONS = 4;

const queues = new Map<string, HandOffQueue>();

/**
 * Hands one bench on along a queue; answers each hand-off's time from giving it back to the next one's Granted, in ms. The
 * queue stays between jobs, so that nobody else gets the bench; each job first hands on untimed until only requests of
 * its own kind are left.
 */
export async function runHandOffs(job: HandOffJob): Promise<readonly number[]> {
  const { address, waiting, handOffs, everyMs } = job;
  let queue = queues.get(address);
  if (queue === undefined) {
    queue = new HandOffQueue(address);
    queues.set(address, queue);
    await queue.fill(job);
  }
  for (let i = 0; i <= waiting; i++) await queue.handOn(job);
  const latencies: number[] = [];
  const started = performance.now();
  for (let i = 0; i < handOffs; i++) {
    const earlyMs = everyMs === undefined ? 0 : started + i * everyMs - performance.now();
    if (earlyMs > 0) await sleep(earlyMs);
    latencies.push((await queue.handOn(job)) + Math.max(0, -earlyMs));
  }
  return latencies;
}

class HandOffQueue {
  readonly #calls: LeaseCalls;
  #giveBack: () => void = () => undefined;
  #granted: (atMs: number) => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;

  constructor(address: string) {
    this.#calls = new LeaseCalls(address, CONNECTIONS);
  }

  async fill(job: HandOffJob): Promise<void> {
    const first = this.#nextGrant();
    const requests = Array.from({ length: job.waiting + 1 }, () => this.#join(job));
    await Promise.all([first, ...requests]);
  }

  async handOn(job: HandOffJob): Promise<number> {
    const grant = this.#nextGrant();
    const started = performance.now();
    this.#giveBack();
    const ms = (await grant) - started;
    await this.#join(job);
    return ms;
  }

  #nextGrant(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#granted = resolve;
      this.#failed = reject;
    });
  }

  /** Opens one more request; resolves when it has its place, or the bench. */
  #join({ bench, how, maxSeconds }: HandOffJob): Promise<void> {
    const ttl = how === 'release' ? { ttlSeconds: TTL_SECONDS } : {};
    const most = maxSeconds === undefined ? {} : { maxSeconds };
    const stream = this.#calls.acquire({ bench, priority: PRIORITY, ...ttl, ...most });
    let gone = false;
    return new Promise((resolve) => {
      stream.on('data', (bytes: Buffer) => {
        if (isGrant(bytes)) {
          const atMs = performance.now();
          const leaseId = grantIn(bytes)?.id ?? '';
          this.#giveBack = () => {
            gone = true;
            if (how === 'hang up') stream.cancel();
            else this.#calls.release(leaseId).catch(this.#failed);
          };
          this.#granted(atMs);
        }
        resolve();
      });
      stream.on('error', (error) => {
        if (!gone) this.#failed(error);
      });
    });
  }
}
