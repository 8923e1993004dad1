import type { Berth, WatchResponse } from '@berth/client';

/** A copy of a lab that is made of what a watch tells, and of nothing else. */
export class WatchedLab {
  /** The names of benches. */
  readonly benches = new Set<string>();
  /** The ids of leases. */
  readonly leases = new Set<string>();
  /** The ids of waiting requests. */
  readonly waiting = new Set<string>();
  /** How many snapshots came. */
  snapshots = 0;
  /** Leases that were told to be granted, each once, in order. */
  readonly grants: string[] = [];
  #inSnapshot = false;
  #failure: unknown;
  readonly #stop = new AbortController();

  constructor(berth: Berth) {
    void this.#follow(berth);
  }

  /** Why the watch ended, when it did. */
  get failure(): unknown {
    return this.#failure;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #follow(berth: Berth): Promise<void> {
    try {
      for await (const message of berth.watch({ signal: this.#stop.signal })) this.#take(message);
    } catch (error) {
      this.#failure = error;
    }
  }

  #take({ changes, snapshot }: WatchResponse): void {
    if (snapshot && !this.#inSnapshot) {
      this.snapshots++;
      for (const known of [this.benches, this.leases, this.waiting]) known.clear();
    }
    this.#inSnapshot = snapshot;
    for (const { kind } of changes) if (kind !== undefined) this.#apply(kind);
  }

  #apply(kind: NonNullable<WatchResponse['changes'][number]['kind']>): void {
    switch (kind.$case) {
      case 'benchPut':
        this.benches.add(kind.value.name);
        break;
      case 'benchRemoved':
        this.benches.delete(kind.value);
        break;
      case 'leasePut':
        this.leases.add(kind.value.id);
        this.waiting.delete(kind.value.requestId);
        if (!this.grants.includes(kind.value.id)) this.grants.push(kind.value.id);
        break;
      case 'leaseEnded':
        this.leases.delete(kind.value.lease?.id ?? '');
        break;
      case 'requestPut':
        this.waiting.add(kind.value.requestId);
        break;
      case 'requestGone':
        this.waiting.delete(kind.value.requestId);
        break;
      case 'offerPut':
      case 'offerRemoved':
      case 'reservationPut':
      case 'reservationGone':
        break;
    }
  }
}
