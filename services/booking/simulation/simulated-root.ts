import type { BerthError } from '@berth/kernel';
import type { Answer } from '../src/domain/model/commands.js';
import { SHARE } from '../src/domain/model/cluster.js';
import type { Entry, SnapshotItem } from '../src/domain/model/ledger.js';
import { planEntry } from '../src/domain/plan/plan-entry.js';
import { RootState } from '../src/domain/state/root-state.js';
import { restoreRoot, snapshotOf } from '../src/domain/state/snapshot.js';
import { dumpRoot } from './dump-root.js';
import type { NaiveAnswer } from './naive-root.js';
import { NaiveRoot } from './naive-root.js';
import { instantsOf, leftAt, SHARES } from './naive-state.js';
import type { Asking, Both } from './root-command.js';
import { OPERATOR } from './root-command.js';

/** How two things are compared; throws when they are not equal. */
export type AssertEqual = (actual: unknown, expected: unknown, what: string) => void;

/** How a batch is planned: at once, or a plan was dropped before since another entry was feared to be first. */
export interface Course {
  readonly dropped: boolean;
  /** A replica that starts from a snapshot joins after it. */
  readonly snapshot: boolean;
}

/**
 * One root cluster, planned by the service and by the naive model side by side, with a replica that follows its entries and one that
 * began with a snapshot.
 */
export class SimulatedRoot {
  readonly state: RootState;
  readonly model: NaiveRoot;
  readonly entries: Entry[] = [];
  readonly trace: string[] = [];
  readonly #follower: RootState;
  #restored: RootState | undefined;
  #ids = 0;

  constructor(
    readonly root: string,
    readonly amounts: readonly string[],
    private readonly assertEqual: AssertEqual,
  ) {
    this.state = new RootState(root);
    this.#follower = new RootState(root);
    this.model = new NaiveRoot(root, [...amounts, SHARES]);
  }

  /** What commands that are given at an instant need. */
  asking(now: number): Asking {
    return { by: OPERATOR, now, freshId: (prefix) => `${prefix}-${String((this.#ids += 1)).padStart(4, '0')}` };
  }

  /** Plans commands that arrive together, and compares all that follows. */
  run(batch: readonly Both[], now: number, { dropped, snapshot }: Course): void {
    this.trace.push(`${String(now)}: ${JSON.stringify(batch.map(({ command }) => command))}`);
    const commands = batch.map(({ command }) => command);
    const before = dumpRoot(this.state);
    if (dropped) {
      const first = planEntry(this.state, commands, now);
      first.drop();
      this.assertEqual(dumpRoot(this.state), before, 'what was dropped is gone');
      const again = planEntry(this.state, commands, now);
      this.assertEqual(again.entry, first.entry, 'the same plan again');
      again.drop();
    }
    const plan = planEntry(this.state, commands, now);
    this.assertEqual(plan.taken, commands.length, 'all were planned');
    plan.keep();
    this.model.pass(now);
    for (const [at, { naive, command }] of batch.entries()) this.#compareAnswer(plan.answers[at], naive, command.kind);
    this.#compareState();
    if (plan.entry !== undefined) this.#follow(plan.entry);
    else this.assertEqual(dumpRoot(this.state), before, 'without an entry nothing changed');
    if (snapshot) this.#restored = restoreRoot(asStored<SnapshotItem[]>([...snapshotOf(this.state, -8e15)]));
  }

  #compareAnswer(answer: Answer | undefined, naive: Both['naive'], kind: string): void {
    if (answer === undefined) throw new Error('no answer');
    const reason = 'refused' in answer ? answer.refused.reason : '';
    // What the naive model does not look at, such as a name that is not there, is refused and changes nothing.
    if (reason !== '' && reason !== 'NO_CAPACITY') return;
    const lack = naive(this.model);
    this.assertEqual('refused' in answer ? lackOf(answer.refused) : undefined, lackText(lack), `the answer of ${kind}`);
  }

  #compareState(): void {
    const { state, model } = this;
    const bookings = [...state.bookings.values()].map(({ id, state: stored, degraded }) => [id, stored, degraded]);
    const naive = model.state.bookings.map((one) => [one.id, one.state, model.degraded(one)]);
    this.assertEqual(bookings.sort(byText), naive.sort(byText), 'the states of bookings');
    for (const { name } of model.state.clusters) {
      for (const amount of [...this.amounts, SHARES]) {
        const timeline = state.timeline(name);
        const offset = amount === SHARES ? 10_000 : 0;
        const own = amount === SHARES ? SHARE : amount;
        for (const at of instantsOf(model.state)) {
          if (!Number.isFinite(at)) continue;
          const [piece] = timeline.pieces(own, at, at + 1);
          const { granted = 0, booked = 0, provisional = 0 } = piece ?? {};
          const left = [granted - booked + offset, granted - booked - provisional + offset];
          const naiveLeft = [leftAt(model.state, name, amount, at), leftAt(model.state, name, amount, at, true)];
          this.assertEqual(left, naiveLeft, `what is left of ${amount} on ${name} at ${String(at)}`);
        }
      }
    }
  }

  #follow(entry: Entry): void {
    this.entries.push(entry);
    const replicas = this.#restored === undefined ? [this.#follower] : [this.#follower, this.#restored];
    for (const replica of replicas) {
      replica.apply(asStored(entry));
      this.assertEqual(dumpRoot(replica), dumpRoot(this.state), 'a replica');
    }
  }
}

function asStored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function lackOf({ details }: BerthError): unknown {
  const { from = '', until = '', amount, shortfall } = details.metadata ?? {};
  return { from: Date.parse(from), until: Date.parse(until), amount, shortfall };
}

function lackText(lack: NaiveAnswer): unknown {
  return lack && { ...lack, shortfall: String(lack.shortfall) };
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
