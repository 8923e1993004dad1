import type { LogStep } from '../event-log/event-log.js';
import type { Statements } from './statements.js';

const EVERY = 64;
const LOOK_AT = 128;

/**
 * Deletes expired answers in small batches: after every 64 new ones it looks at the next 128 in the order of their ids and
 * starts anew at the end. Twice as many are looked at as come in, so expired ones never pile up, and no index on the
 * expiry has to be kept in every append.
 */
export class AnswerSweep {
  #since = 0;
  #after = '';

  constructor(
    readonly lab: number,
    readonly statements: Statements,
  ) {}

  /** To be called in the transaction of an append. */
  afterSteps(steps: readonly LogStep[], nowMs: number): void {
    for (const step of steps) if (step.kind === 'remember') this.#since += 1;
    if (this.#since < EVERY) return;
    this.#since = 0;
    const upTo = this.statements.answerAfter.get(this.lab, this.#after, LOOK_AT - 1)?.id;
    this.statements.forgetExpired.run(this.lab, this.#after, upTo ?? null, nowMs);
    this.#after = upTo ?? '';
  }
}
