import { requestIdReused } from '@berth/kernel';
import type { Draft, LabState } from '../domain/index.js';
import { answerText, readAnswer } from '../domain/index.js';
import type { Command, RevisionOf } from './command.js';

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
}

/** A command whose answer nobody waits for. */
export function unheard(command: Command<unknown>): Pending {
  return { command, resolve: () => undefined, reject: () => undefined };
}

/**
 * Plans a command on a draft. What fails, or is only validated, leaves nothing in the draft. An answer is kept whether the
 * command changes anything or not: "it is so already" is an answer too, and its repeat must not act when it is so no more.
 *
 * Can a command that changes nothing act after all, when it comes to two replicas? Both plan it on revision n, where it is
 * so already, and append steps without events, which leave the revision at n: both are what the store expects. The first
 * is taken; the other's `fresh` is refused, and its caller is told the first answer. Somebody else's change is either
 * committed before the first of them, at n+1: then that is a conflict, and it is planned on n+1, where it acts, and its
 * answer says so. Or after it: then the other is a conflict, is planned on n+1 where it would act, and `fresh` refuses
 * its append. Nor does an append that is given up for lost do harm when it arrives late: on another revision it is a
 * conflict, and on n its answer is what is true there, unless the repeat came first, which makes `fresh` refuse it.
 */
export function planItem(draft: Draft, item: Pending, keepAnswersMs: number): Drafted {
  // By name, not spread: one that is planned again brings what its first plan made.
  const { command, resolve, reject, restocks = false } = item;
  const fromStep = draft.steps.length;
  const { requestId, form, validateOnly = false } = command;
  let made: Drafted['made'];
  try {
    const answer = draft.attempt(() => {
      if (form !== undefined) assertNotOpen(draft.state, requestId);
      return command.plan(draft);
    }, !validateOnly);
    if (requestId !== '' && form !== undefined && !validateOnly) {
      draft.require({ kind: 'fresh', id: requestId });
      const message = `${String(draft.base)} ${form.encode(answer)}`;
      const value = answerText({ fingerprint: command.fingerprint, end: 'answer', message });
      draft.require({ kind: 'remember', id: requestId, value, ttlMs: keepAnswersMs, stamped: true });
    }
    made = { answer };
  } catch (error) {
    made = { error };
  }
  return { command, resolve, reject, restocks, made, fromStep, toStep: draft.steps.length };
}

/** Throws REQUEST_ID_REUSED when the id is that of a request that waits or holds: it has no answer yet. */
function assertNotOpen({ requests, leaseOf }: LabState, requestId: string): void {
  const open = requestId === '' ? undefined : (requests.get(requestId)?.spec ?? leaseOf.get(requestId)?.spec);
  if (open?.named === true) throw requestIdReused(requestId);
}

/** Answers a command with what it made; `revisionOf` is that of its draft. */
export function answer({ command, made, resolve, reject }: Drafted, revisionOf: RevisionOf): void {
  if ('error' in made) {
    reject(made.error);
    return;
  }
  try {
    const revised = command.form === undefined ? made.answer : command.form.revise(made.answer, revisionOf);
    command.told?.(revised);
    resolve(revised);
  } catch (error) {
    reject(error);
  }
}

/** Answers a command whose request id has an answer: with that one, or with the reason why it can't be. */
export function answerAgain({ command, resolve, reject }: Pending, text: string): void {
  try {
    if (command.again === undefined) throw requestIdReused(command.requestId);
    resolve(command.again(readAnswer(text)));
  } catch (error) {
    reject(error);
  }
}

/** Gives drafted revisions their own: the events of a draft on `base` got the revisions from `first` on. */
export function revisionsFrom(base: number, first: number): RevisionOf {
  return (drafted) => (drafted > base ? drafted - base - 1 + first : drafted);
}
