import type { Piece, RowKind } from './rows.js';

/** The empty tree. Its fields are those of no change at all: sums of 0, a least of +∞, a most of −∞. */
const NONE = 0;

// A node is a change at an instant. Its fields lie side by side, since a walk down the tree reads most of them.
const AT = 0;
const DELTA = 1; // granted, booked, provisional
const SUM = 4; // of the deltas in the subtree
const LEAST = 7; // of what is left after any change in the subtree, when 0 is left before it
const MOST = 8;
const SIZE = 9;

const KINDS: Readonly<Record<RowKind, number>> = { grant: 0, booking: 1, provisional: 2 };

/**
 * One amount over time: a step function, kept as its changes in a balanced tree, so that adding over an interval is two
 * changes and costs O(log n), as do the least, the most and the first instant of an interval at which too little is left.
 * What is left is granted − booked; before the first change it is 0. A change that comes to nothing is not kept, and the
 * shape follows from the instants (a treap whose priorities are hashes of them): taking back what was added leaves nothing.
 * Numbers are whole and their sums stay within 2^53, so all of it is exact.
 */
export class StepTree {
  #fields = new Float64Array(8 * SIZE);
  #links = new Int32Array(8 * 2);
  /** The nodes in use and those given back; node 0 is NONE. */
  #used = 1;
  readonly #spare: number[] = [];
  #root = NONE;

  constructor() {
    this.#fields[LEAST] = Infinity;
    this.#fields[MOST] = -Infinity;
  }

  get isEmpty(): boolean {
    return this.#root === NONE;
  }

  /** Adds `delta` to a kind from `startMs` (inclusive) to `endMs` (exclusive). */
  shift(kind: RowKind, startMs: number, endMs: number, delta: number): void {
    if (delta === 0 || startMs >= endMs) return;
    const field = DELTA + KINDS[kind];
    this.#root = this.#change(this.#root, startMs, field, delta);
    this.#root = this.#change(this.#root, endMs, field, -delta);
  }

  /** What is left at an instant. */
  at(atMs: number): number {
    let left = 0;
    let node = this.#root;
    while (node !== NONE) {
      if (this.#field(node, AT) > atMs) node = this.#left(node);
      else {
        left += this.#leftOver(this.#left(node), SUM) + this.#leftOver(node, DELTA);
        node = this.#right(node);
      }
    }
    return left;
  }

  /** The least that is left at any instant of an interval. */
  worst(startMs: number, endMs: number): number {
    return Math.min(this.at(startMs), this.#extreme(this.#root, 0, startMs, endMs, LEAST));
  }

  /** The most that is left at any instant of an interval. */
  best(startMs: number, endMs: number): number {
    return Math.max(this.at(startMs), this.#extreme(this.#root, 0, startMs, endMs, MOST));
  }

  /** The first instant of an interval at which less than `floor` is left. */
  firstBelow(fromMs: number, untilMs: number, floor: number): number | undefined {
    if (fromMs >= untilMs) return undefined;
    if (this.at(fromMs) < floor) return fromMs;
    const found = this.#firstBelow(this.#root, 0, fromMs, untilMs, floor);
    return found === Infinity ? undefined : found;
  }

  /** The first instant of an interval at which `level` or more is left. */
  firstAtLeast(fromMs: number, untilMs: number, level: number): number | undefined {
    if (fromMs >= untilMs) return undefined;
    if (this.at(fromMs) >= level) return fromMs;
    const found = this.#firstAtLeast(this.#root, 0, fromMs, untilMs, level);
    return found === Infinity ? undefined : found;
  }

  /** The start of the last piece of an interval in which less than `floor` is left; `fromMs` where it began before. */
  lastBelow(fromMs: number, untilMs: number, floor: number): number | undefined {
    if (fromMs >= untilMs) return undefined;
    const found = this.#lastBelow(this.#root, 0, fromMs, untilMs, floor);
    if (found !== -Infinity) return found;
    return this.at(fromMs) < floor ? fromMs : undefined;
  }

  /** Calls `visit` with each piece of an interval in order. The piece is one object that changes: read it, do not keep it. */
  eachPiece(startMs: number, endMs: number, visit: (piece: Piece) => void): void {
    if (startMs >= endMs) return;
    const piece = { startMs, endMs, granted: 0, booked: 0, provisional: 0 };
    this.#sumUntil(startMs, piece);
    this.#walk(startMs, endMs, piece, visit);
    piece.endMs = endMs;
    visit(piece);
  }

  #sumUntil(atMs: number, sums: MutablePiece): void {
    let node = this.#root;
    while (node !== NONE) {
      if (this.#field(node, AT) > atMs) node = this.#left(node);
      else {
        this.#addTo(sums, this.#left(node), SUM);
        this.#addTo(sums, node, DELTA);
        node = this.#right(node);
      }
    }
  }

  /** In order, with the nodes above the present one on a path. There may be many nodes: none of them costs a call of its own. */
  #walk(startMs: number, endMs: number, piece: MutablePiece, visit: (piece: Piece) => void): void {
    const fields = this.#fields;
    const links = this.#links;
    const path: number[] = [];
    for (let node = this.#root; ;) {
      while (node !== NONE) {
        const isWithin = (fields[node * SIZE + AT] ?? 0) > startMs;
        if (isWithin) path.push(node);
        node = links[2 * node + (isWithin ? 0 : 1)] ?? NONE;
      }
      const next = path.pop();
      if (next === undefined) return;
      const own = next * SIZE;
      const atMs = fields[own + AT] ?? 0;
      if (atMs >= endMs) return;
      piece.endMs = atMs;
      visit(piece);
      piece.startMs = atMs;
      piece.granted += fields[own + DELTA] ?? 0;
      piece.booked += fields[own + DELTA + 1] ?? 0;
      piece.provisional += fields[own + DELTA + 2] ?? 0;
      node = links[2 * next + 1] ?? NONE;
    }
  }

  #addTo(sums: MutablePiece, node: number, field: number): void {
    sums.granted += this.#field(node, field);
    sums.booked += this.#field(node, field + 1);
    sums.provisional += this.#field(node, field + 2);
  }

  /** The least or most after any change between two instants, both exclusive; `before` is what is left before the subtree. */
  #extreme(node: number, before: number, fromMs: number, untilMs: number, field: number): number {
    const none = this.#field(NONE, field);
    const better = field === LEAST ? Math.min : Math.max;
    // Down to the first node between both: all that is between lies below it.
    while (node !== NONE) {
      const atMs = this.#field(node, AT);
      if (atMs >= untilMs) node = this.#left(node);
      else if (atMs <= fromMs) {
        before = this.#after(node, before);
        node = this.#right(node);
      } else break;
    }
    if (node === NONE) return none;
    const here = this.#after(node, before);
    let found = here;
    let down = this.#left(node);
    for (let base = before; down !== NONE;) {
      const after = this.#after(down, base);
      if (this.#field(down, AT) > fromMs) {
        found = better(found, after, after + this.#field(this.#right(down), field));
        down = this.#left(down);
      } else {
        base = after;
        down = this.#right(down);
      }
    }
    down = this.#right(node);
    for (let base = here; down !== NONE;) {
      if (this.#field(down, AT) < untilMs) {
        const after = this.#after(down, base);
        found = better(found, after, base + this.#field(this.#left(down), field));
        base = after;
        down = this.#right(down);
      } else down = this.#left(down);
    }
    return found;
  }

  // The searches pass over a subtree whose least (most) shows that it holds nothing; only subtrees that the ends of the
  // interval cut can disappoint, and those lie on two paths.

  #firstBelow(node: number, before: number, fromMs: number, untilMs: number, floor: number): number {
    if (node === NONE || before + this.#field(node, LEAST) >= floor) return Infinity;
    const atMs = this.#field(node, AT);
    const here = this.#after(node, before);
    if (atMs > fromMs) {
      const found = this.#firstBelow(this.#left(node), before, fromMs, untilMs, floor);
      if (found !== Infinity || atMs >= untilMs) return found;
      if (here < floor) return atMs;
    }
    return this.#firstBelow(this.#right(node), here, fromMs, untilMs, floor);
  }

  #firstAtLeast(node: number, before: number, fromMs: number, untilMs: number, level: number): number {
    if (node === NONE || before + this.#field(node, MOST) < level) return Infinity;
    const atMs = this.#field(node, AT);
    const here = this.#after(node, before);
    if (atMs > fromMs) {
      const found = this.#firstAtLeast(this.#left(node), before, fromMs, untilMs, level);
      if (found !== Infinity || atMs >= untilMs) return found;
      if (here >= level) return atMs;
    }
    return this.#firstAtLeast(this.#right(node), here, fromMs, untilMs, level);
  }

  #lastBelow(node: number, before: number, fromMs: number, untilMs: number, floor: number): number {
    if (node === NONE || before + this.#field(node, LEAST) >= floor) return -Infinity;
    const atMs = this.#field(node, AT);
    if (atMs < untilMs) {
      const here = this.#after(node, before);
      const found = this.#lastBelow(this.#right(node), here, fromMs, untilMs, floor);
      if (found !== -Infinity || atMs <= fromMs) return found;
      if (here < floor) return atMs;
    }
    return this.#lastBelow(this.#left(node), before, fromMs, untilMs, floor);
  }

  /** Changes a subtree at an instant; answers its root. */
  #change(node: number, atMs: number, field: number, delta: number): number {
    if (node === NONE) return this.#make(atMs, field, delta);
    const own = this.#fields[node * SIZE + AT] ?? 0;
    if (own === atMs) {
      this.#fields[node * SIZE + field] = this.#field(node, field) + delta;
      if (this.#isNothing(node)) return this.#remove(node);
    } else {
      const side = atMs < own ? 0 : 1;
      const before = this.#links[2 * node + side] ?? NONE;
      const child = this.#change(before, atMs, field, delta);
      if (child !== before) {
        this.#links[2 * node + side] = child;
        const isHigher = child !== NONE && priority(this.#field(child, AT)) > priority(own);
        if (isHigher) return this.#rotate(node, child, side);
      }
    }
    this.#sum(node);
    return node;
  }

  #make(atMs: number, field: number, delta: number): number {
    const node = this.#spare.pop() ?? this.#used++;
    if ((node + 1) * SIZE > this.#fields.length) this.#grow();
    this.#fields.fill(0, node * SIZE, (node + 1) * SIZE);
    this.#fields[node * SIZE + AT] = atMs;
    this.#fields[node * SIZE + field] = delta;
    this.#links.fill(NONE, 2 * node, 2 * node + 2);
    this.#sum(node);
    return node;
  }

  #grow(): void {
    const fields = new Float64Array(2 * this.#fields.length);
    fields.set(this.#fields);
    this.#fields = fields;
    const links = new Int32Array(2 * this.#links.length);
    links.set(this.#links);
    this.#links = links;
  }

  #remove(node: number): number {
    const joined = this.#join(this.#left(node), this.#right(node));
    this.#spare.push(node);
    return joined;
  }

  /** Makes one tree of two, all of the left one before all of the right one. */
  #join(left: number, right: number): number {
    if (left === NONE) return right;
    if (right === NONE) return left;
    if (priority(this.#field(left, AT)) > priority(this.#field(right, AT))) {
      this.#links[2 * left + 1] = this.#join(this.#right(left), right);
      this.#sum(left);
      return left;
    }
    this.#links[2 * right] = this.#join(left, this.#left(right));
    this.#sum(right);
    return right;
  }

  /** Puts a child above its parent; `side` is where it hung. */
  #rotate(node: number, child: number, side: 0 | 1): number {
    this.#links[2 * node + side] = this.#link(child, 1 - side);
    this.#links[2 * child + 1 - side] = node;
    this.#sum(node);
    this.#sum(child);
    return child;
  }

  /** Makes the sums of a node from its own changes and those of its children. Each change does so for all above it. */
  #sum(node: number): void {
    const fields = this.#fields;
    const own = node * SIZE;
    const left = (this.#links[2 * node] ?? NONE) * SIZE;
    const right = (this.#links[2 * node + 1] ?? NONE) * SIZE;
    const granted = (fields[left + SUM] ?? 0) + (fields[own + DELTA] ?? 0);
    const booked = (fields[left + SUM + 1] ?? 0) + (fields[own + DELTA + 1] ?? 0);
    const provisional = (fields[left + SUM + 2] ?? 0) + (fields[own + DELTA + 2] ?? 0);
    fields[own + SUM] = granted + (fields[right + SUM] ?? 0);
    fields[own + SUM + 1] = booked + (fields[right + SUM + 1] ?? 0);
    fields[own + SUM + 2] = provisional + (fields[right + SUM + 2] ?? 0);
    const here = granted - booked;
    fields[own + LEAST] = Math.min(fields[left + LEAST] ?? 0, here, here + (fields[right + LEAST] ?? 0));
    fields[own + MOST] = Math.max(fields[left + MOST] ?? 0, here, here + (fields[right + MOST] ?? 0));
  }

  #isNothing(node: number): boolean {
    return this.#field(node, DELTA) === 0 && this.#field(node, DELTA + 1) === 0 && this.#field(node, DELTA + 2) === 0;
  }

  /** What is left after a node's change, when `before` is left before its subtree. */
  #after(node: number, before: number): number {
    return before + this.#leftOver(this.#left(node), SUM) + this.#leftOver(node, DELTA);
  }

  #leftOver(node: number, field: number): number {
    return this.#field(node, field) - this.#field(node, field + 1);
  }

  #left(node: number): number {
    return this.#link(node, 0);
  }

  #right(node: number): number {
    return this.#link(node, 1);
  }

  #link(node: number, side: number): number {
    return this.#links[2 * node + side] ?? NONE;
  }

  #field(node: number, field: number): number {
    return this.#fields[node * SIZE + field] ?? 0;
  }
}

type MutablePiece = { -readonly [Key in keyof Piece]: Piece[Key] };

/** A number for each instant that looks like chance (the last steps of MurmurHash3), so the tree is balanced. */
function priority(atMs: number): number {
  let hash = (atMs | 0) ^ Math.imul(Math.floor(atMs / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
