import type { Draft, LabState } from '../domain/index.js';
import { decodeOutcome, encodeOutcome, requestIdReused } from '../domain/index.js';
import type { Command, RevisionOf } from './lab.js';

/** A command that waits to be planned and answered. */
export interface Pending {
  readonly command: Command<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** It fills a lab that came back empty: planned while all others wait for that. */
  readonly restocks?: boolean;
}

/** A command as it stands in one draft. */
export interface Drafted extends Pending {
  readonly made: { readonly answer: unknown } | { readonly error: unknown };
  /** What it added to the append: steps from (inclusive) to (exclusive). */
  readonly fromStep: number;
  readonly toStep: number;
  /** Whether it added events. */
  readonly changes: boolean;
}

/** A command whose answer nobody waits for. */
export function unheard(command: Command<unknown>): Pending {
  return { command, resolve: () => undefined, reject: () => undefined };
}

/** Plans a command on a draft. What fails, or is only validated, leaves nothing in the draft. */
export function planItem(draft: Draft, item: Pending, rememberMs: number): Drafted {
  const { command } = item;
  const fromStep = draft.steps.length;
  const events = draft.events.length;
  const { requestId, memory } = command;
  let made: Drafted['made'];
  try {
    const answer = draft.attempt(() => {
      if (memory !== undefined) assertNotOpen(draft.state, requestId);
      return command.plan(draft);
    }, command.validateOnly !== true);
    if (requestId !== '' && memory !== undefined && draft.events.length > events) {
      draft.require({ kind: 'fresh', id: requestId });
      const message = `${String(draft.base)} ${memory.encode(answer)}`;
      const value = encodeOutcome({ fingerprint: command.fingerprint, end: 'answer', message });
      draft.require({ kind: 'remember', id: requestId, value, ttlMs: rememberMs, stamped: true });
    }
    made = { answer };
  } catch (error) {
    made = { error };
  }
  const changes = draft.events.length > events;
  return { ...item, made, fromStep, toStep: draft.steps.length, changes };
}

/** Throws REQUEST_ID_REUSED when the id is that of a request that waits or holds: nothing is remembered of it yet. */
function assertNotOpen({ requests, leaseOf }: LabState, requestId: string): void {
  const open = requestId === '' ? undefined : (requests.get(requestId)?.spec ?? leaseOf.get(requestId)?.spec);
  if (open?.named === true) throw requestIdReused(requestId, undefined);
}

/**
 * Whether a command that left no trace may have done its work before. Not an Acquire that found its request in the state:
 * nothing is remembered of it until it ends.
 */
export function mayBeRepeat({ command, changes, made }: Drafted): boolean {
  if (command.requestId === '' || changes) return false;
  return command.memory !== undefined || 'error' in made;
}

/** Answers a command with what it made; `revisionOf` is that of its draft. */
export function settle({ command, made, resolve, reject }: Drafted, revisionOf: RevisionOf): void {
  if ('error' in made) {
    reject(made.error);
    return;
  }
  try {
    const answer = command.memory === undefined ? made.answer : command.memory.revise(made.answer, revisionOf);
    command.told?.(answer);
    resolve(answer);
  } catch (error) {
    reject(error);
  }
}

/** Answers a command whose request id is remembered: as it was answered before, or with the reason why it can't be. */
export function repeat({ command, resolve, reject }: Pending, value: string): void {
  try {
    if (command.repeated === undefined) throw requestIdReused(command.requestId, undefined);
    resolve(command.repeated(decodeOutcome(value)));
  } catch (error) {
    reject(error);
  }
}

/** Gives drafted revisions their own: the events of a draft on `base` got the revisions from `first` on. */
export function revisionsFrom(base: number, first: number): RevisionOf {
  return (drafted) => (drafted > base ? drafted - base - 1 + first : drafted);
}
