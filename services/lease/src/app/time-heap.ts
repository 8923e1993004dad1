/** So many may be in it before it is tidied up for the first time. */
const LEAST_ROOM = 1024;

/**
 * Entries by time, the soonest first: a binary heap. Some that are not current stay in it, at most as many as are, besides a
 * thousand; who takes one out checks it.
 */
export class TimeHeap<T> {
  #items: { readonly atMs: number; readonly value: T }[] = [];
  #room = LEAST_ROOM;

  constructor(private readonly isCurrent: (value: T) => boolean) {}

  get size(): number {
    return this.#items.length;
  }

  /** The soonest time; undefined when empty. */
  get soonestMs(): number | undefined {
    return this.#items[0]?.atMs;
  }

  push(atMs: number, value: T): void {
    if (this.#items.length >= this.#room) this.#tidy();
    const items = this.#items;
    let i = items.length;
    items.push({ atMs, value });
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#at(parent) <= atMs) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes out the soonest entry if its time has come. */
  popDue(nowMs: number): T | undefined {
    const items = this.#items;
    const [first] = items;
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = items.pop();
    if (last !== undefined && items.length > 0) {
      items[0] = last;
      this.#sink();
    }
    return first.value;
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** Without it leases of an hour that end at once, a thousand a second, would stay here by the million. */
  #tidy(): void {
    this.#items = this.#items.filter(({ value }) => this.isCurrent(value)).sort((a, b) => a.atMs - b.atMs);
    this.#room = 2 * this.#items.length + LEAST_ROOM;
  }

  #sink(): void {
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const right = left + 1;
      let least = i;
      if (this.#at(left) < this.#at(least)) least = left;
      if (this.#at(right) < this.#at(least)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #at(i: number): number {
    return this.#items[i]?.atMs ?? Infinity;
  }

  #swap(i: number, j: number): void {
    const a = this.#items[i];
    const b = this.#items[j];
    if (a === undefined || b === undefined) return;
    this.#items[i] = b;
    this.#items[j] = a;
  }
}
