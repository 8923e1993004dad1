import type { Amounts, Piece, RowKind, Shortage } from './rows.js';
import { StepTree } from './step-tree.js';

/** An amount that no row names: 0 at every instant. */
const NOTHING = new StepTree();

/**
 * The timeline of one cluster: how much of each amount is granted, booked and left at every instant. What is left is
 * granted − booked, without provisional bookings. Each call costs O(log n) for each amount that it names, but those that
 * say otherwise. Rows are whole numbers in the caller's unit; sums stay within 2^53.
 */
export class Timeline {
  readonly #trees = new Map<string, StepTree>();
  /** Their names in order, until they change. */
  #names: readonly string[] | undefined;

  /** Adds a row; with `sign` −1 takes back what was added, and all is as it was before. */
  add(kind: RowKind, startMs: number, endMs: number, amounts: Amounts, sign: 1 | -1 = 1): void {
    for (const [amount, value] of Object.entries(amounts)) this.shift(kind, amount, startMs, endMs, sign * value);
  }

  /** Adds to one amount over an interval; the negative delta takes it back. */
  shift(kind: RowKind, amount: string, startMs: number, endMs: number, delta: number): void {
    let tree = this.#trees.get(amount);
    if (tree === undefined) {
      this.#trees.set(amount, (tree = new StepTree()));
      this.#names = undefined;
    }
    tree.shift(kind, startMs, endMs, delta);
    if (!tree.isEmpty) return;
    this.#trees.delete(amount);
    this.#names = undefined;
  }

  /** The names of the amounts that rows name, in order. */
  names(): readonly string[] {
    return (this.#names ??= [...this.#trees.keys()].sort());
  }

  /** Whether rows name the amount. */
  has(amount: string): boolean {
    return this.#trees.has(amount);
  }

  /** What is left at an instant. */
  at(amount: string, atMs: number): number {
    return this.#tree(amount).at(atMs);
  }

  /** The least that is left at any instant of an interval. */
  worst(amount: string, startMs: number, endMs: number): number {
    return this.#tree(amount).worst(startMs, endMs);
  }

  /** The most that is left at any instant of an interval. */
  best(amount: string, startMs: number, endMs: number): number {
    return this.#tree(amount).best(startMs, endMs);
  }

  /** The first instant of an interval at which less than `floor` is left. */
  firstBelow(amount: string, fromMs: number, untilMs: number, floor: number): number | undefined {
    return this.#tree(amount).firstBelow(fromMs, untilMs, floor);
  }

  /** The first instant of an interval at which `level` or more is left. */
  firstAtLeast(amount: string, fromMs: number, untilMs: number, level: number): number | undefined {
    return this.#tree(amount).firstAtLeast(fromMs, untilMs, level);
  }

  /** The pieces of an interval in which nothing changes, in order: O(log n) and their number. */
  pieces(amount: string, fromMs: number, untilMs: number): readonly Piece[] {
    const found: Piece[] = [];
    this.eachPiece(amount, fromMs, untilMs, (piece) => found.push({ ...piece }));
    return found;
  }

  /** Calls `visit` with each piece of an interval in order. The piece is one object that changes: read it, do not keep it. */
  eachPiece(amount: string, fromMs: number, untilMs: number, visit: (piece: Piece) => void): void {
    this.#tree(amount).eachPiece(fromMs, untilMs, visit);
  }

  /**
   * The first interval within another in which less than `need` is left: the one that begins first, of those the amount whose
   * name comes first. It ends where enough is left again. Undefined if all of `need` fits: what needs 0 of an amount always
   * does, however little is left.
   */
  firstShortage(startMs: number, endMs: number, need: Amounts): Shortage | undefined {
    let found: { readonly amount: string; readonly needed: number; readonly fromMs: number } | undefined;
    for (const [amount, needed] of Object.entries(need)) {
      if (needed <= 0) continue;
      const fromMs = this.firstBelow(amount, startMs, endMs, needed);
      if (fromMs === undefined) continue;
      if (found !== undefined && (found.fromMs < fromMs || (found.fromMs === fromMs && found.amount < amount)))
        continue;
      found = { amount, needed, fromMs };
    }
    return found && this.#shortage(found.amount, found.fromMs, endMs, found.needed);
  }

  /** All intervals within another in which less than `floor` of an amount is left, in order: O(log n) each. */
  shortages(amount: string, startMs: number, endMs: number, floor: number): readonly Shortage[] {
    const found: Shortage[] = [];
    for (let fromMs: number | undefined = startMs; ;) {
      fromMs = this.firstBelow(amount, fromMs, endMs, floor);
      if (fromMs === undefined) return found;
      const shortage = this.#shortage(amount, fromMs, endMs, floor);
      found.push(shortage);
      fromMs = shortage.endMs;
    }
  }

  /**
   * The earliest start in a window at which `need` fits for `durationMs`, to the end of the window at the latest. Each
   * stretch that is too short costs O(log n), where a duration holds many of them all of them together.
   */
  firstFit(windowStartMs: number, windowEndMs: number, durationMs: number, need: Amounts): number | undefined {
    const needs = Object.entries(need).filter(([, needed]) => needed > 0);
    let startMs = windowStartMs;
    for (let settled = 0; settled < needs.length;) {
      // Goes round the amounts until all of them in turn have nothing against this start.
      for (const [amount, needed] of needs) {
        const endMs = startMs + durationMs;
        if (endMs > windowEndMs) return undefined;
        const tree = this.#tree(amount);
        const lastMs = tree.lastBelow(startMs, endMs, needed);
        settled = lastMs === undefined ? settled + 1 : 0;
        if (lastMs === undefined) continue;
        const againMs = tree.firstAtLeast(lastMs, windowEndMs, needed);
        if (againMs === undefined) return undefined;
        startMs = againMs;
      }
    }
    return startMs + durationMs <= windowEndMs ? startMs : undefined;
  }

  #shortage(amount: string, startMs: number, endMs: number, needed: number): Shortage {
    const tree = this.#tree(amount);
    const againMs = tree.firstAtLeast(startMs, endMs, needed) ?? endMs;
    return { startMs, endMs: againMs, amount, shortfall: needed - tree.worst(startMs, againMs) };
  }

  #tree(amount: string): StepTree {
    return this.#trees.get(amount) ?? NOTHING;
  }
}
