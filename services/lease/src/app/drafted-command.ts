import type { Draft, LabState, Planned } from '../domain/index.js';
import { assertSameRequest, decodeOutcome, encodeOutcome } from '../domain/index.js';
import type { Command } from './lab.js';

/** A command that waits to be planned and answered. */
export interface Pending {
  readonly command: Command<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A command as it stands in one draft. */
export interface Drafted extends Pending {
  readonly outcome: { readonly planned: Planned<unknown> } | { readonly error: unknown };
  /** What it added to the append: steps from (inclusive) to (exclusive). */
  readonly fromStep: number;
  readonly toStep: number;
  /** Whether it added events. */
  readonly changes: boolean;
}

/** A command whose outcome nobody waits for. */
export function unheard(command: Command<unknown>): Pending {
  return { command, resolve: () => undefined, reject: () => undefined };
}

/** Plans a command on a draft. What fails, or is only validated, leaves nothing in the draft. */
export function planItem(draft: Draft, { command, resolve, reject }: Pending, rememberMs: number): Drafted {
  const fromStep = draft.steps.length;
  const events = draft.events.length;
  let outcome: Drafted['outcome'];
  try {
    const planned = draft.attempt(() => {
      const plan = command.plan(draft);
      if (command.validateOnly === true) throw new Rehearsed(plan.answer(plan.data));
      return plan;
    });
    if (command.requestId !== '' && command.remembered === undefined && draft.events.length > events) {
      draft.require({
        kind: 'remember',
        id: command.requestId,
        value: encodeOutcome({ fingerprint: command.fingerprint, end: 'done', message: planned.data }),
        ttlMs: rememberMs,
        fresh: true,
      });
    }
    outcome = { planned };
  } catch (error) {
    outcome = error instanceof Rehearsed ? { planned: { data: '', answer: () => error.answer } } : { error };
  }
  const changes = draft.events.length > events;
  return { command, resolve, reject, outcome, fromStep, toStep: draft.steps.length, changes };
}

/** Carries the answer of a command that is only validated out of the part of the draft that is taken back. */
class Rehearsed extends Error {
  constructor(readonly answer: unknown) {
    super('rehearsed');
  }
}

/** Answers a command as its plan says, from the state as it is now. */
export function settle(item: Drafted): void {
  if ('error' in item.outcome) {
    item.reject(item.outcome.error);
    return;
  }
  const { planned } = item.outcome;
  try {
    item.resolve(planned.answer(planned.data));
  } catch (error) {
    item.reject(error);
  }
}

/** Answers a command whose request id is remembered: as it was answered before, or with the reason why it can't be. */
export function repeat(item: Drafted, value: string, state: LabState): void {
  const { command, outcome } = item;
  const remembered = decodeOutcome(value);
  try {
    if (command.remembered !== undefined) {
      // A request that is open is in the state, and its plan found it there.
      if (remembered.end === 'open') settle(item);
      else item.resolve(command.remembered(remembered));
      return;
    }
    assertSameRequest(command.requestId, command.fingerprint, remembered.fingerprint);
    if (command.repeated !== undefined) item.resolve(command.repeated(remembered.message, state));
    else if ('error' in outcome) item.reject(outcome.error);
    else item.resolve(outcome.planned.answer(remembered.message));
  } catch (error) {
    item.reject(error);
  }
}
