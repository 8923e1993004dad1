import type { RequestSpec } from '../src/domain/model.js';
import type { SimulatedReplica, Stream } from './simulated-replica.js';

/**
 * A caller that wants one lease: it asks, comes back by any replica with the same request id when its connection breaks,
 * holds for a while, and gives back. It believes what it was told last.
 */
export class SimulatedClient {
  phase: 'asking' | 'holding' | 'done' = 'asking';
  token = 0;
  #leaseId = '';
  #replica: SimulatedReplica | undefined;
  #stream: Stream | undefined;

  constructor(
    readonly spec: RequestSpec,
    readonly replicas: () => readonly SimulatedReplica[],
  ) {}

  /** Connects when it is not connected; `which` chooses among the replicas. */
  connect(which: number): void {
    if (this.#replica !== undefined && this.replicas().includes(this.#replica)) return;
    const connectionless = this.phase === 'holding' && this.spec.hold === 'TTL';
    if (this.phase === 'done' || connectionless) return;
    const replica = this.#anyReplica(which);
    const isCurrent = (): boolean => this.#stream === stream && this.phase !== 'done';
    const stream: Stream = {
      spec: this.spec,
      granted: (leaseId, token) => {
        if (!isCurrent()) return;
        this.phase = 'holding';
        this.#leaseId = leaseId;
        this.token = token;
      },
      ended: () => {
        if (isCurrent()) this.phase = 'done';
      },
      broken: () => {
        if (this.#stream === stream) this.#replica = undefined;
      },
    };
    this.#replica = replica;
    this.#stream = stream;
    replica.open(stream);
  }

  /** Gives up a connection that does not answer. What is returned tells the replica, later. */
  hangUp(): (() => void) | undefined {
    const { replica, stream } = { replica: this.#replica, stream: this.#stream };
    this.#replica = undefined;
    return replica && stream && (() => replica.close(stream));
  }

  /** Gives back what it holds; with `impatient` also its place in the queue. */
  finish(which: number, impatient: boolean): void {
    if (this.phase === 'done' || (this.phase === 'asking' && !impatient)) return;
    const { hold, owner } = this.spec;
    if (this.phase === 'holding' && hold === 'TTL') this.#anyReplica(which).release(this.#leaseId, owner, this.token);
    else if (this.#replica === undefined || this.#stream === undefined) return;
    else this.#replica.close(this.#stream);
    this.phase = 'done';
  }

  /** The lease to be renewed, when it needs that. */
  get renewable(): string | undefined {
    return this.phase === 'holding' && this.spec.hold === 'TTL' ? this.#leaseId : undefined;
  }

  #anyReplica(which: number): SimulatedReplica {
    const replicas = this.replicas();
    const replica = replicas[which % replicas.length];
    if (replica === undefined) throw new Error('no replica is left');
    return replica;
  }
}
