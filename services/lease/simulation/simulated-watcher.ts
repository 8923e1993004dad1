import { BerthError } from '@berth/kernel';
import type { WatchReader } from '../src/app/watch-ring.js';
import type { Change, LabState } from '../src/domain/index.js';
import type { Serving, World } from './world.js';

/** Keeps a copy of a lab by what watches tell, on one server after the other, and compares it with the lab. */
export class SimulatedWatcher {
  #revision = 0;
  #has = new Set<string>();
  #reader: WatchReader | undefined;
  #visit = 0;

  constructor(readonly world: World) {}

  /** Ends its watch; the next one goes on from where it is. */
  stop(): void {
    this.#visit++;
    this.#reader?.close();
    this.#reader = undefined;
  }

  /** Watches on, by this server. */
  watch(serving: Serving): void {
    this.stop();
    serving.ask(0, () => void this.#open(serving));
  }

  async #open({ lab }: Serving): Promise<void> {
    const visit = ++this.#visit;
    try {
      await lab.stocked();
      if (this.#revision > 0) await lab.changes.reach(this.#revision);
      if (visit !== this.#visit) return;
      if (this.#revision === 0) this.#list(lab.state);
      const reader = lab.changes.read(this.#revision, () => this.#drain(lab, reader));
      this.#reader = reader;
      this.#drain(lab, reader);
    } catch (error) {
      if (visit === this.#visit) this.#failed(error);
    }
  }

  #list(state: LabState): void {
    this.#revision = state.revision;
    this.#has = keysOf(state);
  }

  #drain({ state }: Serving['lab'], reader: WatchReader): void {
    if (reader !== this.#reader) return;
    try {
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const { after, revision, changes } = record;
        if (after !== this.#revision) this.world.wrong(`a watch went from ${this.#revision} to what follows ${after}`);
        this.#revision = revision;
        for (const change of changes) this.#take(change);
      }
      const [is, shouldBe] = [this.#has, keysOf(state)].map((keys) => [...keys].sort().join(' '));
      if (is !== shouldBe)
        this.world.wrong(
          `a watcher at ${this.#revision} of ${state.revision} knows of ${String(is)}, and there is ${String(shouldBe)}`,
        );
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.stop();
    if (!(error instanceof BerthError)) this.world.wrong(`a watch failed: ${String(error)}`);
    else if (error.reason === 'REVISION_TRIMMED') this.#revision = 0;
  }

  #take(change: Change): void {
    switch (change.kind) {
      case 'benchPut':
        this.#has.add(`bench ${change.bench.spec.name}`);
        return;
      case 'benchRemoved':
        this.#has.delete(`bench ${change.name}`);
        return;
      case 'requestPut':
        this.#has.add(`request ${change.request.spec.requestId}`);
        return;
      case 'requestGone':
        this.#has.delete(`request ${change.request.spec.requestId}`);
        return;
      case 'leasePut':
        this.#has.delete(`request ${change.lease.spec.requestId}`);
        this.#has.add(`lease ${change.lease.id}`);
        return;
      case 'leaseEnded':
        this.#has.delete(`lease ${change.lease.id}`);
        return;
      case 'reservationPut':
        this.#has.add(`reservation ${change.reservation.id}`);
        return;
      case 'reservationGone':
        this.#has.delete(`reservation ${change.id}`);
        return;
      case 'offerPut':
      case 'offerRemoved':
        return;
    }
  }
}

function keysOf({ benches, requests, leases, reservations }: LabState): Set<string> {
  return new Set([
    ...Array.from(benches.keys(), (name) => `bench ${name}`),
    ...Array.from(requests.keys(), (id) => `request ${id}`),
    ...Array.from(leases.keys(), (id) => `lease ${id}`),
    ...Array.from(reservations.all(), ({ id }) => `reservation ${id}`),
  ]);
}
