import type { Actor } from '../model.js';

/** Who gives a command. */
export interface By {
  readonly actor: Actor;
  /** May act on what others hold. */
  readonly operator: boolean;
}
