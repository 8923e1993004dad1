interface Item<T> {
  readonly value: T;
  readonly taken: () => void;
}

/** Brings what several senders put to one reader, in order. A sender that waits for `put` is never more than one ahead. */
export class Mailbox<T> {
  readonly #items: Item<T>[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** Resolves when the reader has taken it, or reads no more. */
  put(value: T): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#items.push({ value, taken: resolve });
      this.#wake?.();
    });
  }

  /** The next item; waits for it. One reader at a time. */
  async take(): Promise<T> {
    for (;;) {
      const first = this.#items.shift();
      first?.taken();
      if (first) return first.value;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The reader reads no more. */
  close(): void {
    this.#closed = true;
    for (const { taken } of this.#items.splice(0)) taken();
  }
}
