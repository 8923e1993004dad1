import type { LeaseEvent } from './events.js';
import type { RequestSpec } from './model.js';
import type { Plan } from './plan.js';
import { schedule } from './schedule.js';
import { settle } from './settle.js';
import type { LabState } from './state.js';
import type { Step } from './steps.js';
import { stepsOf } from './steps.js';

/**
 * A plan in the making: commands are planned one after the other, each on the state that those before it would leave.
 * `finish` takes all of it back from the state; what is committed is applied again with its real revisions, on the
 * writer as on every follower.
 */
export class Draft implements Plan {
  readonly events: LeaseEvent[] = [];
  readonly steps: Step[] = [];
  /** The revision that the draft is planned on. Its events count on from there until the store gives them their own. */
  readonly base: number;

  constructor(
    readonly state: LabState,
    readonly now: number,
    /** Makes ids of leases; unique for ever. */
    readonly newId: () => string,
  ) {
    this.base = state.revision;
    state.journal.begin();
  }

  /** Adds an event, and what must hold in the store for it. */
  emit(event: LeaseEvent): void {
    this.steps.push(...stepsOf(this.state, event, this.events.length));
    this.events.push(event);
    this.state.apply(event, this.state.revision + 1);
  }

  /** Adds something that must hold in the store, or be kept there, for this plan to be committed. */
  require(step: Step): void {
    this.steps.push(step);
  }

  /**
   * Begins and ends the reservations whose time has come, and grants what can be granted now. Every command that may free or
   * add something, or asks for something, ends with it. Again until nothing more is granted: a grant changes which benches
   * others wait for, by which a request that lacks some chooses what it claims, so what it claimed before may be left to
   * somebody else now.
   */
  schedule(): void {
    const { state, now } = this;
    if (state.reservations.size > 0) settle(this);
    for (let { grants } = schedule(state, now); grants.length > 0; { grants } = schedule(state, now)) {
      for (const { request, benches } of grants) {
        this.emit({
          type: 'LeaseGranted',
          requestId: request.spec.requestId,
          leaseId: this.newId(),
          benches: benches.map((bench) => bench.spec.name),
          atMs: now,
          owner: request.spec.owner,
          ...told(request.spec),
        });
      }
    }
  }

  /** Runs a part of the plan. Takes it back when it throws, and throws on; also when it is not to be kept. */
  attempt<A>(part: () => A, keep = true): A {
    const mark = this.state.journal.mark();
    const events = this.events.length;
    const steps = this.steps.length;
    let kept = false;
    try {
      const made = part();
      kept = keep;
      return made;
    } finally {
      if (!kept) {
        this.state.journal.rewind(mark);
        this.events.length = events;
        this.steps.length = steps;
      }
    }
  }

  /** Ends planning: the state is as it was before the draft. */
  finish(): void {
    this.state.journal.rollback();
  }
}

type Spoken = Pick<RequestSpec, 'description' | 'labels' | 'booking'>;

/** What the log tells of a request beside its owner; empty things are left out, since every grant has them. */
export function told({ description, labels, booking }: Spoken): Partial<Spoken> {
  return {
    ...(description !== '' && { description }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(booking !== undefined && { booking }),
  };
}
