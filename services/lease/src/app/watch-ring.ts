import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { Change } from '../domain/index.js';
import type { Replica, ReplicaListener } from './replica.js';

/** What was committed together. The same object for every watcher, so that it is encoded once. */
export interface WatchRecord {
  readonly revision: number;
  readonly changes: readonly Change[];
}

/** Entries that a watcher can resume from; older ones it must list again. */
const KEPT = 4096;
/** How long to wait for a revision that another replica has told a watcher already. */
const CATCH_UP_MS = 2000;

/** The last changes of a lab, for watchers: gap-free from any revision that is still kept. */
export class WatchRing implements ReplicaListener {
  readonly #replica: Replica;
  readonly #clock: Clock;
  #records: WatchRecord[] = [];
  /** Changes after this revision are kept. */
  #floor: number;
  /** Called at every change, all in the turn of the change. */
  readonly #waiters = new Set<() => void>();
  /** Rises when the state was loaded anew: what watchers have seen does not continue. */
  #generation = 0;

  constructor(replica: Replica, clock: Clock) {
    this.#replica = replica;
    this.#clock = clock;
    this.#floor = replica.state.revision;
  }

  applied(changes: readonly Change[], revision: number): void {
    this.#records.push({ revision, changes });
    // Dropped in large steps, so that it costs nothing per record.
    if (this.#records.length > 2 * KEPT) {
      this.#floor = this.#records[KEPT - 1]?.revision ?? this.#floor;
      this.#records = this.#records.slice(KEPT);
    }
    this.#notify();
  }

  reloaded(): void {
    this.#records = [];
    this.#floor = this.#replica.state.revision;
    this.#generation++;
    this.#notify();
  }

  /**
   * Gives the records after a revision as they come, until the signal aborts. Throws REVISION_TRIMMED when some of them
   * are kept no longer, also in the middle (a slow reader, or a store that lost data): list, then watch again.
   */
  async *follow(from: number, signal: AbortSignal): AsyncGenerator<WatchRecord> {
    await this.#reach(from, signal);
    let after = from;
    const generation = this.#generation;
    const changes = this.#changes(signal);
    try {
      while (!signal.aborted) {
        if (generation !== this.#generation || after < this.#floor) throw trimmed(after, this.#floor);
        const index = this.#indexAfter(after);
        const record = this.#records[index];
        if (record === undefined) {
          await changes.next();
          continue;
        }
        after = record.revision;
        yield record;
      }
    } finally {
      changes.stop();
    }
  }

  /** A watcher may know of a revision that this replica has yet to see. */
  async #reach(revision: number, signal: AbortSignal): Promise<void> {
    if (revision <= this.#replica.state.revision) return;
    const limit = new AbortController();
    const end = (): void => {
      limit.abort();
    };
    const timer = this.#clock.after(CATCH_UP_MS, end);
    signal.addEventListener('abort', end);
    const changes = this.#changes(limit.signal);
    while (revision > this.#replica.state.revision && !limit.signal.aborted) await changes.next();
    changes.stop();
    timer.cancel();
    signal.removeEventListener('abort', end);
    if (revision > this.#replica.state.revision && !signal.aborted)
      throw trimmed(revision, this.#replica.state.revision);
  }

  /**
   * Lets a watcher wait: `next` resolves at the next change after its call, or when the signal aborts. One listener a
   * watcher, not one a wait: with thousands of watchers a change would cost more in listeners than in messages.
   */
  #changes(signal: AbortSignal): { readonly next: () => Promise<void>; readonly stop: () => void } {
    let wake: (() => void) | undefined;
    const woken = (): void => {
      wake?.();
      wake = undefined;
    };
    this.#waiters.add(woken);
    signal.addEventListener('abort', woken);
    return {
      next: () =>
        signal.aborted
          ? Promise.resolve()
          : new Promise((resolve) => {
              wake = resolve;
            }),
      stop: () => {
        this.#waiters.delete(woken);
        signal.removeEventListener('abort', woken);
      },
    };
  }

  #notify(): void {
    for (const woken of this.#waiters) woken();
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
    `changes after revision ${String(from)} are not kept any more (the oldest kept is after ${String(floor)}); list, then watch from the list's revision.`,
    { metadata: { from: String(from), floor: String(floor) } },
  );
}
