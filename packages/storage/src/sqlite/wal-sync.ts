import { closeSync, fdatasync, openSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import { BerthError } from '@berth/kernel';
import type { OpenedFile } from './sqlite-file.js';

/**
 * Puts what an SQLite file has committed on the disk, beside all else that the process does. For a connection in WAL mode whose
 * commits do not wait for the disk (`synchronous` NORMAL). After a loss of power SQLite reads its log up to the first commit
 * that is not whole there, so what came before a commit is as safe as the commit itself.
 */
export class WalSync {
  #descriptor: number | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failure: BerthError | undefined;

  constructor(
    private readonly file: string,
    private readonly onDisk: (descriptor: number) => Promise<void> = promisify(fdatasync),
  ) {}

  /** Why nothing is written any more: after a failure nobody knows what the disk has, but for those who read it at a start. */
  get failure(): BerthError | undefined {
    return this.#failure;
  }

  /** What all that is committed by now waits for; undefined when it is on the disk. */
  get pending(): Promise<void> | undefined {
    return this.#next ?? this.#running;
  }

  /** Resolves when all that was committed before is on the disk; those who call meanwhile wait for it once. For after a commit. */
  sync(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#sync().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // What runs may have begun before the last commit.
    this.#next ??= this.#running
      .finally(() => {
        this.#next = undefined;
      })
      .then(() => this.sync());
    return this.#next;
  }

  /** Resolves when nobody waits any more, and the file is closed. */
  async close(): Promise<void> {
    await this.pending?.catch(() => undefined);
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  async #sync(): Promise<void> {
    try {
      // No lock is on this file, so none is lost when it is closed.
      this.#descriptor ??= openSync(`${realpathSync(this.file)}-wal`, 'r');
      await this.onDisk(this.#descriptor);
    } catch (error) {
      this.#failure = new BerthError(
        'STORE_UNAVAILABLE',
        `the disk could not keep what the store ${this.file} was given (${error instanceof Error ? error.message : String(error)}), and some of it may be lost; check the disk and the system log, then start the server again`,
        { metadata: { file: this.file } },
        { cause: error },
      );
      throw this.#failure;
    }
  }
}

/** Has commits of a file wait for the disk by the WalSync that this answers, not in the commit; undefined = it is on no disk. */
export function walOf({ db, file }: OpenedFile): WalSync | undefined {
  if (file === ':memory:') return undefined;
  db.setPragma('synchronous', 'NORMAL');
  // A checkpoint waits for the disk within a commit: a fourth of them, for a log of 16 MB.
  db.setPragma('wal_autocheckpoint', 4000);
  return new WalSync(file);
}
