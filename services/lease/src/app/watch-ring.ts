import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Change } from '../domain/index.js';
import type { Replica } from './replica.js';
import type { ReplicaListener } from './replica-listener.js';

/** What was committed together. The same object for every watcher, so that it is encoded once. */
export interface WatchRecord {
  readonly revision: number;
  /** The revision of the record before it. */
  readonly after: number;
  readonly changes: readonly Change[];
}

/** Reads the changes of a lab one after the other. */
export interface WatchReader {
  /**
   * The next record; undefined when there is none yet. Throws REVISION_TRIMMED when some that were not read are kept no
   * longer (a slow reader), or the store lost data: list, then watch again.
   */
  next(): WatchRecord | undefined;
  close(): void;
}

/**
 * Records that a watcher can resume from, and the changes in them: so many are kept at least, twice as many at most; for what
 * is older it must list again. Each change keeps its request and its lease in memory, and a busy lab commits a hundred
 * together: without the second limit it would keep half a million.
 */
export const KEPT_RECORDS = 4096;
const KEPT_CHANGES = 16_384;
/** How long to wait for a revision that another replica has told a watcher already. */
const CATCH_UP_MS = 2000;

/** The last changes of a lab, for watchers: gap-free from any revision that is still kept. */
export class WatchRing implements ReplicaListener {
  readonly #replica: Pick<Replica, 'state'>;
  readonly #clock: Clock;
  #records: WatchRecord[] = [];
  /** Changes in all of them. */
  #size = 0;
  /** Changes after this revision are kept. */
  #floor: number;
  /** Called after every change. */
  readonly #waiters = new Set<() => void>();
  #notifying = false;
  /** Rises when the state was loaded anew: what watchers have seen does not continue. */
  #generation = 0;
  #closed = false;

  /** An empty ring, to be filled while the replica loads: it listens before that. */
  constructor(replica: Pick<Replica, 'state'>, clock: Clock) {
    this.#replica = replica;
    this.#clock = clock;
    this.#floor = replica.state.revision;
  }

  /** True while anybody reads. */
  get watched(): boolean {
    return this.#waiters.size > 0;
  }

  /** Ends all readers, those that come later too: they are told to come back. */
  close(): void {
    this.#closed = true;
    this.#notify();
  }

  /** Begins again with the log as it is read now. Its records follow, so that a watch goes on over a restart. */
  loading(from: number): void {
    this.#records = [];
    this.#size = 0;
    this.#floor = from;
    this.#generation++;
  }

  replayed(changes: readonly Change[], revision: number): void {
    this.#records.push({ revision, after: this.#records.at(-1)?.revision ?? this.#floor, changes });
    this.#size += changes.length;
    if (this.#records.length > 2 * KEPT_RECORDS || this.#size > 2 * KEPT_CHANGES) this.#trim();
  }

  applied(changes: readonly Change[], revision: number): void {
    this.replayed(changes, revision);
    this.#notify();
  }

  reloaded(): void {
    this.#notify();
  }

  /** Drops in large steps, so that it costs nothing per record. The newest record stays, however large it is. */
  #trim(): void {
    let from = this.#records.length - 1;
    let size = this.#records[from]?.changes.length ?? 0;
    for (; from > 0 && this.#records.length - from < KEPT_RECORDS; from--) {
      size += this.#records[from - 1]?.changes.length ?? 0;
      if (size > KEPT_CHANGES) break;
    }
    this.#floor = this.#records[from - 1]?.revision ?? this.#floor;
    this.#records = this.#records.slice(from);
    this.#size = this.#records.reduce((sum, { changes }) => sum + changes.length, 0);
  }

  /**
   * Resolves when this replica has seen a revision: a watcher may know of one that others committed a moment ago. Throws
   * REVISION_TRIMMED when it does not come.
   */
  async reach(revision: number): Promise<void> {
    const replica = this.#replica;
    if (revision <= replica.state.revision) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (revision <= replica.state.revision) stop();
      };
      const stop = (): void => {
        this.#waiters.delete(look);
        timer.cancel();
        resolve();
      };
      const timer = this.#clock.after(CATCH_UP_MS, stop);
      this.#waiters.add(look);
    });
    if (revision > replica.state.revision) throw trimmed(revision, replica.state.revision);
  }

  /**
   * Reads on from a revision that was reached; `woken` is called at every change until the reader is closed.
   *
   * Only the end of a record of this very log is gone on from. A watcher was told of revision 7; the store came back with
   * a copy that ends at 5, and went on with 9: larger than 7, but what 7 did never happened and what came after 5 is not
   * known to the watcher.
   */
  read(from: number, woken: () => void): WatchReader {
    const generation = this.#generation;
    const known = this.#ends(from);
    let after = from;
    this.#waiters.add(woken);
    return {
      next: () => {
        if (this.#closed)
          throw new BerthError('SHUTTING_DOWN', 'the lab is closed; call again.', { retryAfterMs: 500 });
        if (!known || generation !== this.#generation || after < this.#floor) throw trimmed(after, this.#floor);
        const record = this.#records[this.#indexAfter(after)];
        after = record?.revision ?? after;
        return record;
      },
      close: () => {
        this.#waiters.delete(woken);
      },
    };
  }

  /** In a turn of its own, so that thousands of watchers do not keep those waiting whose command made the change. */
  #notify(): void {
    if (this.#notifying || this.#waiters.size === 0) return;
    this.#notifying = true;
    setImmediate(() => {
      this.#notifying = false;
      for (const woken of this.#waiters) woken();
    });
  }

  /** Tells whether a revision is where a record ends, or where those that are kept begin. */
  #ends(revision: number): boolean {
    return revision === this.#floor || this.#records[this.#indexAfter(revision) - 1]?.revision === revision;
  }

  #indexAfter(revision: number): number {
    const records = this.#records;
    // Nearly always the newest: a watcher that keeps up.
    const newest = records.length - 1;
    if ((records[newest]?.revision ?? 0) <= revision) return records.length;
    if ((records[newest - 1]?.revision ?? 0) <= revision) return newest;
    let low = 0;
    let high = records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((records[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function trimmed(from: number, floor: number): BerthError {
  return new BerthError(
    'REVISION_TRIMMED',
    `the changes after revision ${String(from)} are not kept any more (the oldest kept is after ${String(floor)}), or the store came back without that revision; list, then watch from the list's revision.`,
    { metadata: { from: String(from), floor: String(floor) } },
  );
}
