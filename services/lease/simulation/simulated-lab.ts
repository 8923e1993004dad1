import { BerthError } from '@berth/kernel';
import { Draft } from '../src/domain/draft.js';
import type { LeaseEvent } from '../src/domain/events.js';
import type { LabRules } from '../src/domain/model.js';
import type { Change } from '../src/domain/change.js';
import { LabState } from '../src/domain/state.js';
import type { Step } from '../src/domain/steps.js';
import { QueueViews } from '../src/domain/views.js';

/** What became of a part of a draft. */
export type Ran<A> =
  { readonly outcome: 'ok'; readonly answer: A } | { readonly outcome: 'refused'; readonly error: BerthError };

/** A lab without a store: plans, and applies what was planned as if its append had been committed at once. */
export class SimulatedLab {
  readonly state: LabState;
  readonly views: QueueViews;
  now = 1_000_000;
  #revision = 1_000;
  #ids = 0;
  /** Of the last draft. */
  events: readonly LeaseEvent[] = [];
  steps: readonly Step[] = [];
  changes: readonly Change[] = [];

  constructor(rules: LabRules) {
    this.state = new LabState(rules);
    this.views = new QueueViews(this.state);
  }

  /** Plans parts together and commits them as one batch; `gap` revisions are left out before it. */
  batch<A>(parts: readonly ((draft: Draft) => A)[], gap = 0, beforeCommit?: () => void): Ran<A>[] {
    const draft = new Draft(this.state, this.now, () => `ls-${String(++this.#ids)}`);
    const ran = parts.map((part): Ran<A> => {
      try {
        return { outcome: 'ok', answer: draft.attempt(() => part(draft)) };
      } catch (error) {
        if (error instanceof BerthError) return { outcome: 'refused', error };
        throw error;
      }
    });
    draft.finish();
    beforeCommit?.();
    this.events = draft.events;
    this.steps = draft.steps;
    this.#revision += gap;
    this.changes = draft.events.flatMap((event) => this.state.apply(event, ++this.#revision));
    return ran;
  }

  /** Plans and commits one command; throws what it throws. */
  run<A>(part: (draft: Draft) => A): A {
    const [ran] = this.batch([part]);
    if (ran === undefined) throw new Error('a batch of one has one outcome');
    if (ran.outcome === 'refused') throw ran.error;
    return ran.answer;
  }
}
