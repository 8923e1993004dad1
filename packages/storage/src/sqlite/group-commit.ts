import type { Database, Statement } from 'better-sqlite3';

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
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(
    readonly db: Database,
    readonly readable: (error: unknown) => unknown,
  ) {
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
  }

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
      this.#begin.run();
      const settle = group.map(({ write }) => write());
      this.#commit.run();
      for (const committed of settle) committed();
    } catch (error) {
      // SQLite may have rolled back by itself, for instance when the disk is full.
      if (this.db.inTransaction) this.#rollback.run();
      const told = this.readable(error);
      for (const { fail } of group) fail(told);
    }
  }
}
