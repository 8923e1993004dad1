import type { SqliteDatabase } from './driver/sqlite-database.js';

interface Waiting {
  readonly weight: number;
  /** Does the writes in the open transaction; gives what to call when they are committed. */
  readonly write: () => () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Documents a transaction writes before others get a turn of the event loop, after about 25 ms. With half of it a large
 * batch takes a quarter longer, since each commit writes the pages of indexes anew.
 */
const LARGEST_GROUP = 1_000;

/**
 * Writes of one turn of the event loop in one transaction, in the order in which they came: the disk is waited for once.
 * A write that fails fails its whole group, and nothing of the group is done.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(
    readonly db: SqliteDatabase,
    readonly readable: (error: unknown) => unknown,
  ) {}

  /** Resolves when what `write` did is on the disk. */
  run<T>(weight: number, write: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        weight,
        write: () => {
          const result = write();
          return () => {
            resolve(result);
          };
        },
        fail: reject,
      });
      this.#scheduled ??= setImmediate(() => {
        this.#turn();
      });
    });
  }

  /** Commits everything that waits, now. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    while (this.#waiting.length > 0) this.#commitGroup(this.#nextGroup());
  }

  #turn(): void {
    this.#commitGroup(this.#nextGroup());
    this.#scheduled =
      this.#waiting.length === 0
        ? undefined
        : setImmediate(() => {
            this.#turn();
          });
  }

  #nextGroup(): Waiting[] {
    let weight = 0;
    const end = this.#waiting.findIndex((waiting) => {
      weight += waiting.weight;
      return weight >= LARGEST_GROUP;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end + 1);
  }

  #commitGroup(group: readonly Waiting[]): void {
    try {
      const settle = this.db.transaction(() => group.map(({ write }) => write()));
      for (const committed of settle) committed();
    } catch (error) {
      const told = this.readable(error);
      for (const { fail } of group) fail(told);
    }
  }
}
