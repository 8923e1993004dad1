/** What a queue is ordered by: a smaller `score` is better, ties by `order` (the revision of arrival). */
export interface Ranked {
  readonly score: number;
  readonly order: number;
}

/** Small, as `nextOf` looks at each element of the chunk in which it finds one. */
const CHUNK = 128;

/** Negative when `a` goes before `b`. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return a.score - b.score || a.order - b.order;
}

/** The index of the first element that is not before `item`. */
function lowerBound(items: readonly Ranked[], item: Ranked): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = items[middle];
    if (at !== undefined && compareRanked(at, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Elements in order of rank, kept in sorted chunks: adding, removing and asking for a rank cost about the square root of
 * the length, which at 100,000 elements is a few microseconds. No two elements may have equal rank.
 */
export class RankedQueue<T extends Ranked> implements Iterable<T> {
  readonly #chunks: T[][] = [];
  /** At most the least size in each chunk; undefined = not known. See `nextOf`. */
  readonly #least: (number | undefined)[] = [];
  #size = 0;
  #before: readonly number[] | undefined;

  get size(): number {
    return this.#size;
  }

  /** The best element. */
  first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  add(item: T): void {
    const at = this.#chunkFor(item);
    const chunk = this.#chunks[at];
    this.#size++;
    this.#before = undefined;
    if (chunk === undefined) {
      this.#chunks.push([item]);
      this.#least.push(undefined);
      return;
    }
    this.#least[at] = undefined;
    chunk.splice(lowerBound(chunk, item), 0, item);
    if (chunk.length <= 2 * CHUNK) return;
    this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK));
    this.#least.splice(at + 1, 0, undefined);
  }

  /** Removes exactly this element; throws when it is not there, since the caller's bookkeeping would be wrong. */
  remove(item: T): void {
    const at = this.#chunkFor(item);
    const chunk = this.#chunks[at];
    const index = chunk === undefined ? -1 : lowerBound(chunk, item);
    if (chunk?.[index] !== item) throw new Error('RankedQueue.remove: the element is not in the queue');
    chunk.splice(index, 1);
    this.#size--;
    this.#before = undefined;
    if (chunk.length > 0) return;
    this.#chunks.splice(at, 1);
    this.#least.splice(at, 1);
  }

  /** How many elements go before `item`, which need not be in the queue. */
  countBefore(item: Ranked): number {
    const at = this.#chunkFor(item);
    return (this.#beforeChunks()[at] ?? 0) + lowerBound(this.#chunks[at] ?? [], item);
  }

  /**
   * The first element after another one whose size is at most so much. Looks into few chunks: of the others it knows what the
   * sizes in them are at least. `sizeOf` must be the same function each time, and an element's size never change.
   */
  nextOf(after: T, most: number, sizeOf: (item: T) => number): T | undefined {
    const start = this.#chunkFor(after);
    for (let at = start; at < this.#chunks.length; at++) {
      if (this.#leastIn(at, sizeOf) > most) continue;
      const chunk = this.#chunks[at] ?? [];
      for (let i = at > start ? 0 : lowerBound(chunk, after); i < chunk.length; i++) {
        const item = chunk[i];
        if (item !== undefined && compareRanked(item, after) > 0 && sizeOf(item) <= most) return item;
      }
      // The least one was removed.
      if (at > start) this.#least[at] = undefined;
    }
    return undefined;
  }

  /** The first element after another one that passes. Looks at each, without an iterator: of many most may not pass. */
  findAfter(after: T, passes: (item: T) => boolean): T | undefined {
    const start = this.#chunkFor(after);
    for (let at = start; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      for (let i = at > start ? 0 : lowerBound(chunk, after); i < chunk.length; i++) {
        const item = chunk[i];
        if (item !== undefined && item !== after && passes(item)) return item;
      }
    }
    return undefined;
  }

  #leastIn(at: number, sizeOf: (item: T) => number): number {
    let least = this.#least[at];
    if (least !== undefined) return least;
    least = Infinity;
    for (const item of this.#chunks[at] ?? []) least = Math.min(least, sizeOf(item));
    this.#least[at] = least;
    return least;
  }

  /** How many elements go before each chunk; kept until the queue changes, as ranks are asked for by the thousand. */
  #beforeChunks(): readonly number[] {
    if (this.#before === undefined) {
      let count = 0;
      this.#before = this.#chunks.map((chunk) => {
        count += chunk.length;
        return count - chunk.length;
      });
    }
    return this.#before;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** The chunk that holds `item`, or into which it goes. */
  #chunkFor(item: Ranked): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && compareRanked(last, item) < 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(low, 0);
  }
}
