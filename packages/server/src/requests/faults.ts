import type { FieldViolation, Reason } from '@berth/kernel';
import { BerthError } from '@berth/kernel';

interface Fault extends FieldViolation {
  readonly reason: Reason;
}

/** Collects what is wrong with a request, so that its caller learns of all of it at once. */
export class Faults {
  readonly #faults: Fault[] = [];

  /** `field` is the path as in the proto; `description` says what is wrong and what is allowed. */
  add(field: string, description: string, reason: Reason = 'INVALID_FIELD'): void {
    this.#faults.push({ field, description, reason });
  }

  /** Adds a fault when a check found one. */
  check(field: string, description: string | undefined): void {
    if (description !== undefined) this.add(field, description);
  }

  /** Adds a fault for a text that is empty, or that a check finds one with. */
  require(field: string, text: string, faultOf?: (text: string) => string | undefined): void {
    this.check(field, text === '' ? 'is required' : faultOf?.(text));
  }

  /** What was found so far. */
  get found(): readonly FieldViolation[] {
    return this.#faults;
  }

  /** Throws one error with every fault; its reason is the one that all share, else INVALID_FIELD. */
  throwIfAny(): void {
    const [first] = this.#faults;
    if (first === undefined) return;
    const same = this.#faults.every((fault) => fault.reason === first.reason);
    const fields = this.#faults.map(({ field, description }) => ({ field, description }));
    const lines = fields.map(({ field, description }) => `${field}: ${description}`);
    const message = lines.length === 1 ? lines.join('') : `${lines.length} faults: ${lines.join('; ')}`;
    throw new BerthError(same ? first.reason : 'INVALID_FIELD', message, { fields });
  }
}
