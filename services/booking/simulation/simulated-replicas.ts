import type { Answer, Command } from '../src/domain/model/commands.js';
import type { Entry, SnapshotItem } from '../src/domain/model/ledger.js';
import { planEntry } from '../src/domain/plan/plan-entry.js';
import { RootState } from '../src/domain/state/root-state.js';
import { restoreRoot, snapshotOf } from '../src/domain/state/snapshot.js';

/** What goes wrong with one append. */
export type Mishap = 'none' | 'died before' | 'died after' | 'answer lost';

/** A replica: a state that follows the ledger when it looks, under a clock that is wrong by so much. */
interface Replica {
  state: RootState;
  readonly skewMs: number;
}

/**
 * Replicas of one root over one ledger that takes an entry only if its sequence is the next one. A replica plans on what it has
 * read so far, so it is often beaten.
 */
export class SimulatedReplicas {
  readonly ledger: string[] = [];
  readonly replicas: Replica[];
  /** How often a plan was dropped since another entry was first. */
  beaten = 0;

  constructor(
    readonly root: string,
    skewsMs: readonly number[],
  ) {
    this.replicas = skewsMs.map((skewMs) => ({ skewMs, state: new RootState(root) }));
  }

  /**
   * Gives commands to a replica. Answers undefined when the caller learns nothing: the replica died, or the answer was lost.
   */
  give(which: number, commands: readonly Command[], nowMs: number, mishap: Mishap): readonly Answer[] | undefined {
    const replica = this.#replica(which);
    for (;;) {
      const { state, skewMs } = replica;
      const plan = planEntry(state, commands, nowMs + skewMs);
      if (plan.entry === undefined) {
        plan.drop();
        // It read nothing new: what it answers must be in the ledger, so it reads on and looks again.
        if (!this.#readOn(replica)) return mishap === 'none' ? plan.answers : undefined;
        continue;
      }
      if (mishap === 'died before') {
        this.#restart(replica);
        return undefined;
      }
      if (plan.entry.sequence !== this.ledger.length + 1) {
        plan.drop();
        this.beaten += 1;
        this.#readOn(replica);
        continue;
      }
      this.ledger.push(JSON.stringify(plan.entry));
      if (mishap === 'died after') {
        this.#restart(replica);
        return undefined;
      }
      plan.keep();
      return mishap === 'answer lost' ? undefined : plan.answers;
    }
  }

  /** Lets a replica read on; answers its state. */
  read(which: number): RootState {
    const replica = this.#replica(which);
    this.#readOn(replica);
    return replica.state;
  }

  #replica(which: number): Replica {
    const replica = this.replicas[which % this.replicas.length];
    if (replica === undefined) throw new Error('there is no replica');
    return replica;
  }

  /** Whether there was anything to read. */
  #readOn({ state }: Replica): boolean {
    const from = state.sequence;
    for (const text of this.ledger.slice(from)) state.apply(JSON.parse(text) as Entry);
    return this.ledger.length > from;
  }

  /** Begins again from a snapshot of what another replica knows, and the entries after it. */
  #restart(replica: Replica): void {
    const other = this.replicas.find((one) => one !== replica);
    const items = other === undefined ? [] : [...snapshotOf(other.state, -8e15)];
    const stored = JSON.parse(JSON.stringify(items)) as SnapshotItem[];
    replica.state = stored.length === 0 ? new RootState(this.root) : restoreRoot(stored);
  }
}
