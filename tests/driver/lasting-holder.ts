import type { Berth } from '@berth/client';
import { BerthError, Status } from '@berth/client';
import type { HistoryEvent, SeededRandom } from '@berth/testkit';
import { manual, newRequestId, openAcquire, ttl } from './acquire-call.js';

interface Asked {
  readonly id: string;
  readonly hold: 'TTL' | 'MANUAL';
}

interface Held extends Asked {
  readonly lease: string;
  /** Its release was sent, and may have been done. */
  releasing: boolean;
}

const TTL_SECONDS = 600;

/**
 * A client that takes MANUAL and TTL leases in turn and gives the former one back, over a server that is killed again and
 * again. What was cut off it asks again, with the same request id, and writes everything into a history.
 */
export class LastingHolder {
  #open: Asked | undefined;
  #held: Held[] = [];

  constructor(
    private readonly name: string,
    private readonly events: HistoryEvent[],
    private readonly random: SeededRandom,
  ) {}

  /** The request that was sent and has no answer yet; '' = none. */
  get asking(): string {
    return this.#open?.id ?? '';
  }

  /** Takes and gives until the server is gone. */
  async work(berth: Berth, running: () => boolean): Promise<void> {
    try {
      await this.settle(berth);
      while (running()) {
        this.#open = { id: newRequestId(this.name), hold: this.random.pick(['TTL', 'MANUAL'] as const) };
        this.events.push({ kind: 'asked', request: this.#open.id });
        await this.settle(berth);
      }
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== Status.UNAVAILABLE) throw error;
    }
  }

  /** Repeats the requests of what it holds, asks for what it has no answer to, and then keeps one lease. */
  async settle(berth: Berth): Promise<void> {
    for (const held of this.#held) if (!held.releasing) await this.#ask(berth, held);
    if (this.#open !== undefined) {
      const lease = await this.#ask(berth, this.#open);
      this.#held.push({ ...this.#open, lease, releasing: false });
      this.#open = undefined;
    }
    while (this.#held.length > 1) await this.#giveBackOldest(berth);
  }

  /** Gives everything back. */
  async giveBack(berth: Berth): Promise<void> {
    while (this.#held.length > 0) await this.#giveBackOldest(berth);
  }

  async #ask(berth: Berth, { id, hold }: Asked): Promise<string> {
    const request = { requestId: id, requirements: [{ attributes: ['any'] }] };
    const call = openAcquire(berth, hold === 'MANUAL' ? manual(request) : ttl(TTL_SECONDS, request));
    const lease = await call.granted();
    this.events.push({
      kind: 'granted',
      request: id,
      lease: lease.id,
      token: lease.fencingToken,
      benches: lease.benches.map(({ name }) => name),
      lasting: true,
    });
    return lease.id;
  }

  async #giveBackOldest(berth: Berth): Promise<void> {
    const [oldest] = this.#held;
    if (oldest === undefined) return;
    oldest.releasing = true;
    this.events.push({ kind: 'released', lease: oldest.lease });
    await berth.lease.release({ leaseId: oldest.lease }, { retry: false });
    this.#held.shift();
  }
}
