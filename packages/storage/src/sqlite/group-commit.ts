import type { SqliteDatabase } from './driver/sqlite-database.js';
import type { WalSync } from './wal-sync.js';

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
 * Writes of one turn of the event loop, or that came while the disk was waited for, in one transaction, in the order in which they
 * came: the disk is waited for once. A write that fails fails its whole group, and nothing of the group is done.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #isHeld = false;

  constructor(
    readonly db: SqliteDatabase,
    readonly readable: (error: unknown) => unknown,
    /** Absent: a commit is as safe as it can be. */
    readonly wal?: WalSync,
  ) {}

  /** What is waited for before all that can be read now is on the disk; undefined when it is. */
  get pending(): Promise<void> | undefined {
    return this.wal?.pending;
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
      this.#schedule();
    });
  }

  /** Commits everything that waits, now. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    while (this.#waiting.length > 0) this.#commitGroup(this.#nextGroup());
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#isHeld || this.#waiting.length === 0) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      this.#turn();
      this.#schedule();
    });
  }

  #turn(): void {
    const { pending } = this;
    if (pending === undefined) {
      this.#commitGroup(this.#nextGroup());
      return;
    }
    // A commit now would wait for the next time anyway, and its pages would be written once more.
    this.#isHeld = true;
    const goOn = (): void => {
      this.#isHeld = false;
      this.#schedule();
    };
    pending.then(goOn, goOn);
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
    const fail = (error: unknown): void => {
      const told = this.readable(error);
      for (const waiting of group) waiting.fail(told);
    };
    try {
      if (this.wal?.failure !== undefined) throw this.wal.failure;
      const settle = this.db.transaction(() => group.map(({ write }) => write()));
      const done = (): void => {
        for (const committed of settle) committed();
      };
      if (this.wal === undefined) done();
      else this.wal.sync().then(done, fail);
    } catch (error) {
      fail(error);
    }
  }
}
