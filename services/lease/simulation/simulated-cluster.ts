import type { BenchSpec, LabRules, RequestSpec } from '../src/domain/model.js';
import { LabState } from '../src/domain/state.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedLog } from './simulated-log.js';
import type { Flight } from './simulated-replica.js';
import { SimulatedReplica } from './simulated-replica.js';

/** What may happen next; `who` and `which` choose whom it happens to. */
export interface Happening {
  readonly what:
    | 'replica'
    | 'beat'
    | 'sweep'
    | 'connect'
    | 'finish'
    | 'abandon'
    | 'renew'
    | 'hangUp'
    | 'notice'
    | 'time'
    | 'pause'
    | 'resume'
    | 'kill'
    | 'loseAnswer'
    | 'delay'
    | 'deliver'
    | 'backUp'
    | 'loseTail';
  readonly who: number;
  readonly which: number;
}

/** Replicas of one lab on one store, and their clients, in virtual time. */
export class SimulatedCluster {
  readonly log = new SimulatedLog();
  readonly clients: readonly SimulatedClient[];
  replicas: SimulatedReplica[];
  readonly #paused = new Set<SimulatedReplica>();
  #delayed: { readonly from: SimulatedReplica; readonly flight: Flight }[] = [];
  /** Connections that only the client knows to be dead. */
  #halfOpen: (() => void)[] = [];
  #ids = 0;

  constructor(
    readonly rules: LabRules,
    benches: readonly BenchSpec[],
    requests: readonly RequestSpec[],
    size: number,
  ) {
    const atMs = this.log.nowMs;
    const events = benches.map((spec) => ({ type: 'BenchPut' as const, spec, origin: 'inventory', atMs }));
    this.log.append(0, events, []);
    this.log.backUp();
    this.replicas = Array.from({ length: size }, () => this.#newReplica());
    this.clients = requests.map((spec) => new SimulatedClient(spec, () => this.replicas));
  }

  happen({ what, who, which }: Happening): void {
    const replica = this.replicas[who % this.replicas.length];
    const client = this.clients[who % this.clients.length];
    if (replica === undefined || client === undefined) throw new Error('a cluster has replicas and clients');
    const runs = !this.#paused.has(replica);
    if (what === 'connect') client.connect(which);
    if (what === 'finish' || what === 'abandon') client.finish(which, what === 'abandon');
    if (what === 'renew' && client.renewable !== undefined) {
      this.log.touch(client.renewable, client.spec.ttlMs ?? 0);
    }
    if (what === 'hangUp') this.#halfOpen.push(client.hangUp() ?? nothing);
    if (what === 'notice') this.#notice();
    if (what === 'replica' && runs) replica.step();
    if (what === 'beat' && runs) replica.beat();
    if (what === 'sweep' && runs) replica.sweep();
    if (what === 'time') this.log.nowMs += which;
    if (what === 'pause') this.#paused.add(replica);
    if (what === 'resume') this.#paused.delete(replica);
    if (what === 'kill') this.replicas = [...this.replicas.filter((one) => one !== replica), this.#newReplica()];
    if (what === 'loseAnswer' && runs) replica.giveUp();
    if (what === 'delay' && runs) {
      const flight = replica.giveUp();
      if (flight !== undefined) this.#delayed.push({ from: replica, flight });
    }
    if (what === 'deliver') this.#deliver();
    if (what === 'backUp') this.log.backUp();
    if (what === 'loseTail') this.log.loseTail();
  }

  /** Ends all trouble; true when every client was served or told, and every replica is at rest. */
  heal(rounds: number): boolean {
    this.#paused.clear();
    this.#deliver();
    this.#notice();
    for (let round = 0; round < rounds; round++) {
      for (const replica of this.replicas) replica.beat();
      this.clients.forEach((client, i) => {
        client.connect(i + round);
        client.finish(i, false);
      });
      for (const replica of this.replicas) {
        replica.sweep();
        for (let turn = 0; turn < 8; turn++) replica.step();
      }
      this.log.nowMs += 500;
      const served = this.clients.every((client) => client.phase === 'done');
      const gone = this.replicas.every(
        ({ idle, state }) => idle && state.requests.size === 0 && state.leases.size === 0,
      );
      if (served && gone) return true;
    }
    return false;
  }

  /** The state that follows from the log alone. Throws when an event does not fit, as a second holder of a bench would. */
  replay(): LabState {
    const state = new LabState(this.rules);
    for (const { events, first } of this.log.read(0)) events.forEach((event, i) => state.apply(event, first + i));
    return state;
  }

  #deliver(): void {
    for (const { from, flight } of this.#delayed) from.arrive(flight);
    this.#delayed = [];
  }

  #notice(): void {
    for (const close of this.#halfOpen) close();
    this.#halfOpen = [];
  }

  #newReplica(): SimulatedReplica {
    return new SimulatedReplica(this.log, this.rules, (what) => `${what}-${String(++this.#ids)}`);
  }
}

function nothing(): void {
  // There was no connection.
}
