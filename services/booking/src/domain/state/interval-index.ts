import { overlap } from '../time/interval.js';
import type { Interval } from '../time/interval.js';

/** The shortest bucket: intervals below a quarter of an hour share them. */
const LEAST_LEVEL = 20;

/**
 * Intervals by id, so that those that overlap another one are found. Each lies in a bucket of the first width (a power of 2)
 * that is at least as long as it is, by its start: so it can overlap a query only from the buckets of the query and the one
 * before them.
 */
export class IntervalIndex {
  readonly #levels = new Map<number, Map<number, Map<string, Interval>>>();
  /** Added and not in a bucket yet: a start adds all bookings, and most of them nobody looks for. */
  #added: { readonly id: string; readonly interval: Interval }[] = [];

  /** Adds an interval; an id has at most one. */
  add(id: string, interval: Interval): void {
    this.#added.push({ id, interval });
  }

  #sort(): void {
    for (const { id, interval } of this.#added) this.#put(id, interval);
    this.#added = [];
  }

  #put(id: string, interval: Interval): void {
    const { level, bucket } = placeOf(interval);
    let buckets = this.#levels.get(level);
    if (buckets === undefined) this.#levels.set(level, (buckets = new Map<number, Map<string, Interval>>()));
    let held = buckets.get(bucket);
    if (held === undefined) buckets.set(bucket, (held = new Map<string, Interval>()));
    held.set(id, interval);
  }

  /** Takes out the interval that was added with the id. */
  remove(id: string, interval: Interval): void {
    // What was added last is taken back first: a plan that is given up.
    if (this.#added.at(-1)?.id === id) {
      this.#added.pop();
      return;
    }
    this.#sort();
    const { level, bucket } = placeOf(interval);
    const buckets = this.#levels.get(level);
    const held = buckets?.get(bucket);
    held?.delete(id);
    if (held?.size === 0) buckets?.delete(bucket);
    if (buckets?.size === 0) this.#levels.delete(level);
  }

  /** The ids of intervals that share an instant with this one, in no order. */
  *overlapping(query: Interval): Generator<string> {
    this.#sort();
    for (const [level, buckets] of this.#levels) {
      const width = 2 ** level;
      const first = Math.floor(query.startMs / width) - 1;
      const last = Math.floor(query.endMs / width);
      // A long query over few intervals: cheaper to look at all of them.
      const all = last - first >= buckets.size;
      for (const bucket of all ? buckets.keys() : numbers(first, last)) {
        if (bucket < first || bucket > last) continue;
        for (const [id, interval] of buckets.get(bucket) ?? []) if (overlap(interval, query)) yield id;
      }
    }
  }
}

function placeOf({ startMs, endMs }: Interval): { readonly level: number; readonly bucket: number } {
  const level = Math.max(LEAST_LEVEL, Math.ceil(Math.log2(endMs - startMs)));
  return { level, bucket: Math.floor(startMs / 2 ** level) };
}

function* numbers(first: number, last: number): Generator<number> {
  for (let number = first; number <= last; number += 1) yield number;
}
