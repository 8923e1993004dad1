/** Wakes those who wait for changes that this process makes; what other processes do is found by looking. */
export class LocalChanges {
  readonly #waiting = new Set<() => void>();
  /** Counts the changes: whoever read before a change sees that there is something new. */
  version = 0;

  tell(): void {
    this.version += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Calls `wake` at each change until the function that it returns is called. */
  listen(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => {
      this.#waiting.delete(wake);
    };
  }
}
