import { randomBytes } from 'node:crypto';

/** Gives revisions that no process gives again: one random part for each opened store, and a count. */
export class Revisions {
  readonly #prefix = randomBytes(9).toString('base64url');
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#prefix}.${this.#count.toString(36)}`;
  }
}
