/** Where this process believes the first free address of each range to be: saves going through those in use each time. */
export class RangeHints {
  readonly #first = new Map<string, bigint>();

  get(rangeId: string): bigint | undefined {
    return this.#first.get(rangeId);
  }

  set(rangeId: string, first: bigint): void {
    this.#first.set(rangeId, first);
  }

  /** An address is free again. */
  released(rangeId: string, address: bigint): void {
    const first = this.#first.get(rangeId);
    if (first !== undefined && address < first) this.#first.set(rangeId, address);
  }
}
