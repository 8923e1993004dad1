/** Instants with what is due then, the earliest first. What does not hold any more is left in it until it comes up. */
export class DueHeap {
  #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(atMs: number, id: string): void {
    const heap = this.#heap;
    let at = heap.length;
    const item = { atMs, id };
    heap.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(item, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = item;
  }

  /** The first that still holds; what does not is dropped. */
  first(holds: (atMs: number, id: string) => boolean): Item | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || holds(top.atMs, top.id)) return top;
      this.#pop();
    }
  }

  clear(): void {
    this.#heap = [];
  }

  #pop(): void {
    const heap = this.#heap;
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const [least, child] = other !== undefined && before(other, one) ? [other, left + 1] : [one, left];
      if (!before(least, item)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = item;
  }
}

interface Item {
  readonly atMs: number;
  readonly id: string;
}

function before(one: Item, other: Item): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.id < other.id);
}
