/** The allocations that this process has changed, for the one that reads them; what other processes do is found by looking. */
export class LocalChanges {
  #ids = new Set<string>();
  #wake: (() => void) | undefined;

  /** Something was changed, or perhaps was. */
  tell(ids: Iterable<string>): void {
    if (this.#wake === undefined) return;
    for (const id of ids) this.#ids.add(id);
    this.#wake();
  }

  /** Whether there is something to take. */
  get pending(): boolean {
    return this.#ids.size > 0;
  }

  /** What was changed since the last time. */
  take(): readonly string[] {
    const ids = [...this.#ids];
    this.#ids.clear();
    return ids;
  }

  /** Calls `wake` at each change until the function that it returns is called; without a listener nothing is kept. */
  listen(wake: () => void): () => void {
    this.#wake = wake;
    return () => {
      this.#wake = undefined;
      this.#ids.clear();
    };
  }
}
