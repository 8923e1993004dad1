import type { Document, Stored } from '@berth/storage';

/** A document whose changes are told: each write sets `updateMs`, which is indexed, to the time of the write. */
export interface Changing extends Document {
  readonly updateMs: number;
}

/** A watcher of documents: what has changed and is not told to it yet, of each document the last. */
export class Watcher<T extends Changing> {
  readonly #pending = new Map<string, Stored<T>>();
  /** The revisions that it was told from before it joined. */
  readonly #known = new Map<string, string>();
  #knownUntil = Infinity;
  #error: unknown;
  #wake: () => void = () => undefined;

  constructor(
    private readonly fromMs: number,
    private readonly signal: AbortSignal,
  ) {}

  get over(): boolean {
    return this.signal.aborted;
  }

  take(stored: Stored<T>): void {
    const { id, updateMs } = stored.value;
    if (updateMs < this.fromMs || this.#known.get(id) === stored.revision) return;
    this.#pending.set(id, stored);
    this.#wake();
  }

  /** Ends it with an error. */
  fail(error: unknown): void {
    this.#error = error;
    this.#wake();
  }

  /** Notes that it is told this version. */
  markKnown({ value, revision }: Stored<T>): void {
    this.#known.set(value.id, revision);
    if (this.#pending.get(value.id)?.revision === revision) this.#pending.delete(value.id);
  }

  /** Forgets what it knows once there have been so many looks: then it can't come again. */
  forgetAfter(looks: number): void {
    this.#knownUntil = looks;
  }

  /** What changes, until it is over. `looks` counts the looks so far. Throws what it was failed with. */
  async *changes(looks: () => number): AsyncGenerator<Stored<T>, void, undefined> {
    const wake = (): void => {
      this.#wake();
    };
    this.signal.addEventListener('abort', wake, { once: true });
    try {
      while (!this.over) {
        if (looks() >= this.#knownUntil) this.#known.clear();
        for (const [id, stored] of this.#pending) {
          this.#pending.delete(id);
          yield stored;
        }
        if (this.#error !== undefined) throw this.#error as Error;
        await this.#more();
      }
    } finally {
      this.signal.removeEventListener('abort', wake);
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#pending.size > 0 || this.#error !== undefined || this.over) resolve();
    });
  }
}
