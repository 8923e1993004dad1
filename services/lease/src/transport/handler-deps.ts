import type { Clock } from '@berth/kernel';
import type { CallContext, MessageType } from '@berth/server';
import { fingerprint } from '@berth/server';
import type { Command, Lab } from '../app/lab.js';
import type { Draft, LabState, Planned } from '../domain/index.js';
import type { PriorityCaps } from './cap-priority.js';
import { parseLab } from './parse-calls.js';

/** What the handlers of both services need. */
export interface HandlerDeps {
  /** Opens a lab by its name; never an empty one. Throws NO_SUCH_LAB, unless it is to be made. */
  readonly labOf: (name: string, make?: boolean) => Promise<Lab>;
  readonly priorityCaps: PriorityCaps;
  /** For signs of life of watches. Default: the machine's. */
  readonly clock?: Clock;
}

/** Opens the lab that a request names. Throws INVALID_FIELD and NO_SUCH_LAB. */
export function openLab({ labOf }: HandlerDeps, lab: string): Promise<Lab> {
  return labOf(parseLab(lab));
}

/** Opens the lab that a request names, and makes it when it is not there. Throws INVALID_FIELD. */
export function openOrMakeLab({ labOf }: HandlerDeps, lab: string): Promise<Lab> {
  return labOf(parseLab(lab), true);
}

interface Mutation {
  readonly lab: string;
  readonly requestId: string;
  readonly validateOnly?: boolean;
}

export interface Mutated<A, M> {
  readonly plan: (draft: Draft) => Planned<A>;
  /** The answer, made in the turn in which it is decided: what it is made from may change right after. */
  readonly answer: (outcome: A) => M;
  /** The outcome for a repeat, where planning once more would fail; see Command. */
  readonly repeated?: (data: string, state: LabState) => A;
}

/** The command of a mutation that is remembered by its request id. */
export function commandOf<R extends Mutation, A, M>(
  method: string,
  type: MessageType<R>,
  request: R,
  call: CallContext,
  { plan, answer, repeated }: Mutated<A, M>,
): Command<M> {
  const { validateOnly = false } = request;
  // A rehearsal is not remembered, and the real call may follow with the same id.
  const requestId = validateOnly ? '' : request.requestId;
  return {
    requestId,
    fingerprint: requestId === '' ? '' : fingerprint(method, call.caller.name, type, request),
    validateOnly,
    plan: (draft) => {
      const planned = plan(draft);
      return { data: planned.data, answer: (data) => answer(planned.answer(data)) };
    },
    ...(repeated !== undefined && { repeated: (data: string, state: LabState) => answer(repeated(data, state)) }),
  };
}
