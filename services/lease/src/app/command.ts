import type { Answer, Draft, Step } from '../domain/index.js';
import type { Refusal } from '../ports/event-log.js';

/**
 * A command to a lab: planned, committed, and answered with what its planning made. An answer is plain data of what this
 * very command does: nothing that is planned after it, in the same batch or later, shows in it.
 */
export interface Command<A> {
  /** The caller's request id; '' = the command cannot be repeated. */
  readonly requestId: string;
  /** Of the whole payload, without the request id. */
  readonly fingerprint: string;
  /** Plan and answer as if, and change nothing. */
  readonly validateOnly?: boolean;
  /** Plans, and makes the answer. Revisions in it are the draft's. */
  readonly plan: (draft: Draft) => A;
  /** How the answer is kept for repeats. Absent for one that its own steps keep (Acquire), or that has no request id. */
  readonly form?: AnswerForm<A>;
  /** The answer to a repeat, from the one that is kept; may throw instead. */
  readonly again?: (answer: Answer) => A;
  /** Called in the turn in which the command is committed, before anything else can change. May throw instead of an answer. */
  told?(answer: A): void;
  /** Told when the store refused one of its steps; true = that is as good as done, and the command is answered. */
  readonly refused?: (step: Step, refusal: Refusal) => boolean;
}

/** The revision that an event got from the store, by the one that it had in its draft. */
export type RevisionOf = (drafted: number) => number;

/** How a kind of answer is kept, and gets its revisions. */
export interface AnswerForm<A> {
  /** Without spaces. */
  encode(answer: A): string;
  /** The answer with the revisions that the store gave; not told before. */
  revise(answer: A, revisionOf: RevisionOf): A;
}
