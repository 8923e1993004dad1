import type { Clock, Timer } from '@berth/kernel';
import { TimeHeap } from './time-heap.js';

/** The wall clock may jump: time is looked at this often at least, so that nothing is delayed for long. */
const LONGEST_SLEEP_MS = 1000;

export interface TimetableDeps<T> {
  readonly clock: Clock;
  /** The store's clock, on which entries have their times. */
  readonly now: () => number;
  /** False for an entry that means nothing any more; such ones are forgotten when there are many. */
  readonly isCurrent: (entry: T) => boolean;
  /** Called with all entries whose time has come. */
  readonly due: (entries: readonly T[]) => void;
}

/** Entries that come up at their times: any number of them on one timer. */
export class Timetable<T> {
  readonly #deps: TimetableDeps<T>;
  readonly #heap: TimeHeap<T>;
  #timer: Timer | undefined;
  #wakeMs = Infinity;
  #stopped = false;

  constructor(deps: TimetableDeps<T>) {
    this.#deps = deps;
    this.#heap = new TimeHeap(deps.isCurrent);
  }

  push(atMs: number, entry: T): void {
    this.#heap.push(atMs, entry);
    this.#arm();
  }

  clear(): void {
    this.#heap.clear();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    const soonestMs = this.#heap.soonestMs;
    if (this.#stopped || soonestMs === undefined) return;
    if (this.#timer !== undefined && this.#wakeMs <= soonestMs) return;
    const now = this.#deps.now();
    const wakeMs = Math.min(Math.max(soonestMs, now), now + LONGEST_SLEEP_MS);
    if (this.#timer !== undefined && this.#wakeMs <= wakeMs) return;
    this.#timer?.cancel();
    this.#wakeMs = wakeMs;
    this.#timer = this.#deps.clock.after(wakeMs - now, () => {
      this.#timer = undefined;
      this.#fire();
    });
  }

  #fire(): void {
    const now = this.#deps.now();
    const entries: T[] = [];
    for (let entry = this.#heap.popDue(now); entry !== undefined; entry = this.#heap.popDue(now)) entries.push(entry);
    if (entries.length > 0) this.#deps.due(entries);
    this.#arm();
  }
}
