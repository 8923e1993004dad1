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
      if (command.remembered === undefined) assertNotOpen(draft.state, command);
      const plan = command.plan(draft);
      if (command.validateOnly === true) throw new Rehearsed(plan.answer(plan.data));
      return plan;
    });
    if (command.requestId !== '' && command.remembered === undefined && draft.events.length > events) {
      const { requestId: id, fingerprint } = command;
      const value = encodeOutcome({ fingerprint, end: 'done', message: planned.data });
      draft.require({ kind: 'fresh', id });
      draft.require({ kind: 'remember', id, value, ttlMs: rememberMs });
    }
    outcome = { planned };
  } catch (error) {
    outcome = error instanceof Rehearsed ? { planned: { data: '', answer: () => error.answer } } : { error };
  }
  const changes = draft.events.length > events;
  return { command, resolve, reject, outcome, fromStep, toStep: draft.steps.length, changes };
}

/** Throws REQUEST_ID_REUSED when the id is that of a request that waits or holds: nothing is remembered of it yet. */
function assertNotOpen({ requests, leaseOf }: LabState, { requestId, fingerprint }: Command<unknown>): void {
  const open = requestId === '' ? undefined : (requests.get(requestId)?.spec ?? leaseOf.get(requestId)?.spec);
  if (open?.named === true) assertSameRequest(requestId, fingerprint, open.fingerprint);
}

/**
 * Whether a command that left no trace may have done its work before. Not an Acquire that found its request in the state:
 * nothing is remembered of it until it ends.
 */
export function mayBeRepeat({ command, changes, outcome }: Drafted): boolean {
  if (command.requestId === '' || changes) return false;
  return command.remembered === undefined || 'error' in outcome;
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
      item.resolve(command.remembered(remembered));
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
