import type { Actor } from '../model.js';

/**
 * What a command's planning gives: `answer` is called once its events are committed and applied, and reads the state as it
 * is right then. `data` is what must be remembered so that a repeat of the command gets the same answer.
 */
export interface Planned<A> {
  readonly data: string;
  readonly answer: (data: string) => A;
}

/** Who gives a command. */
export interface By {
  readonly actor: Actor;
  /** May act on what others hold. */
  readonly operator: boolean;
}
