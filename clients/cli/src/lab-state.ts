import type { Bench, QueuedRequest, WatchResponse } from '@berth/client';

/** A lab as a watch tells it: benches by name, requests in the order of the queue. */
export class LabState {
  readonly #benches = new Map<string, Bench>();
  readonly #requests = new Map<string, QueuedRequest>();
  #inSnapshot = false;

  apply({ changes, snapshot }: WatchResponse): void {
    // The first message of a snapshot, also of a later one after a gap: what is not in it is not there any more.
    if (snapshot && !this.#inSnapshot) {
      this.#benches.clear();
      this.#requests.clear();
    }
    this.#inSnapshot = snapshot;
    for (const { kind } of changes) {
      if (kind?.$case === 'benchPut') this.#benches.set(kind.value.name, kind.value);
      if (kind?.$case === 'benchRemoved') this.#benches.delete(kind.value);
      if (kind?.$case === 'requestPut') this.#requests.set(kind.value.requestId, kind.value);
      if (kind?.$case === 'requestGone') this.#requests.delete(kind.value.requestId);
      if (kind?.$case === 'leasePut') {
        const { requestId, benches, id, owner, description, grantTime, expireTime } = kind.value;
        this.#requests.delete(requestId);
        for (const { name } of benches) {
          this.#hold(name, {
            leaseId: id,
            holder: owner,
            holderDescription: description,
            heldSince: grantTime,
            heldUntil: expireTime,
          });
        }
      }
      if (kind?.$case === 'leaseEnded') {
        const { lease } = kind.value;
        for (const { name } of lease?.benches ?? []) {
          if (this.#benches.get(name)?.leaseId === lease?.id) this.#hold(name, FREE);
        }
      }
    }
  }

  get benches(): Bench[] {
    return [...this.#benches.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  get requests(): QueuedRequest[] {
    return [...this.#requests.values()].sort(
      (a, b) => a.position - b.position || Number(a.arrivalTime) - Number(b.arrivalTime),
    );
  }

  #hold(
    name: string,
    holder: Pick<Bench, 'leaseId' | 'holder' | 'holderDescription' | 'heldSince' | 'heldUntil'>,
  ): void {
    const bench = this.#benches.get(name);
    if (bench) this.#benches.set(name, { ...bench, ...holder });
  }
}

const FREE = { leaseId: '', holder: '', holderDescription: '', heldSince: undefined, heldUntil: undefined } as const;
