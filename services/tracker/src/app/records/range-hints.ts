import type { Address } from '../../domain/records/index.js';

/** Where this process believes the first free address of each range to be: saves going through those in use each time. */
export class RangeHints {
  readonly #first = new Map<string, Address>();

  get(rangeId: string): bigint | undefined {
    return this.#first.get(rangeId)?.value;
  }

  set(rangeId: string, first: Address): void {
    this.#first.set(rangeId, first);
  }

  /** An address is free again: in every range that it is in. */
  released(address: Address): void {
    for (const [rangeId, { family, value }] of this.#first) {
      if (address.family === family && address.value < value) this.#first.set(rangeId, address);
    }
  }
}
