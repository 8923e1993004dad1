import type { Counter, Histogram } from '@berth/kernel';

/** A number that is counted up, or up and down. */
export class Cell implements Counter {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}

/** How many values came in each bucket. */
export class Buckets implements Histogram {
  /** By bucket, and one more for what is above the last bound. */
  readonly counts: number[];
  sum = 0;

  /** `bounds` are upper bounds, rising. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}
