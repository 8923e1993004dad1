/** What a command is known by; with an empty `id` it cannot be repeated. */
export interface RequestKey {
  /** The request id. */
  readonly id: string;
  /** Tells whether a repeat asks for the same. */
  readonly fingerprint: string;
}

/** A command that was carried out, kept so that a repeat gets the same answer. */
export interface Answered extends RequestKey {
  readonly timeMs: number;
}

/** A document that keeps the commands that were carried out on it, and the field by which an index finds it. */
export interface KeepsAnswers {
  readonly answered?: readonly Answered[];
  readonly answeredIds?: readonly string[];
}
