/**
 * Takes changes back: while a draft is open, every change also notes how to undo it. Outside a draft nothing is noted.
 */
export class Journal {
  #undo: (() => void)[] | undefined;

  get open(): boolean {
    return this.#undo !== undefined;
  }

  /** From now on changes can be taken back. */
  begin(): void {
    if (this.#undo !== undefined) throw new Error('a draft is open already');
    this.#undo = [];
  }

  /** A point to go back to within the draft. */
  mark(): number {
    return this.#undo?.length ?? 0;
  }

  /** Takes back what was changed since the mark, newest first. */
  rewind(mark: number): void {
    const undo = this.#undo;
    if (undo === undefined) throw new Error('no draft is open');
    for (let i = undo.length - 1; i >= mark; i--) undo[i]?.();
    undo.length = mark;
  }

  /** Takes everything back and ends the draft. */
  rollback(): void {
    this.rewind(0);
    this.#undo = undefined;
  }

  run(change: () => void, undo: () => void): void {
    change();
    this.#undo?.push(undo);
  }

  set<T, K extends keyof T>(target: T, key: K, value: T[K]): void {
    const before = target[key];
    target[key] = value;
    this.#undo?.push(() => {
      target[key] = before;
    });
  }

  put<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    map.set(key, value);
    this.#undo?.push(() => {
      if (before === undefined) map.delete(key);
      else map.set(key, before);
    });
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    const before = map.get(key);
    map.delete(key);
    // Goes back to the end of the map: no rule depends on the order of a map.
    if (before !== undefined) this.#undo?.push(() => map.set(key, before));
  }
}
