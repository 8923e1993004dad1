import type { Interval } from '../time/interval.js';
import type { Piece } from '../timeline/rows.js';
import type { Timeline } from '../timeline/timeline.js';
import type { AmountBlock, Level } from './availability.js';

/** One amount over many blocks, firm and with provisional bookings. */
export interface Measures {
  readonly firm: readonly AmountBlock[];
  /** The object of `firm` where nothing provisional lies in the block. */
  readonly all: readonly AmountBlock[];
}

/**
 * One amount over blocks that follow each other, in their order. One walk over the pieces of the whole time, however many
 * blocks there are: O(pieces + blocks). There may be many blocks: each makes the objects of its answer, and no others.
 */
export function measureBlocks(
  timeline: Timeline,
  amount: string,
  blocks: readonly Interval[],
  withLevels: boolean,
): Measures {
  const firm: AmountBlock[] = [];
  const all: AmountBlock[] = [];
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return { firm, all };
  const tally = new Tally(withLevels);
  timeline.eachPiece(amount, first.startMs, last.endMs, (piece) => {
    for (
      let block = blocks[firm.length];
      block !== undefined && block.startMs < piece.endMs;
      block = blocks[firm.length]
    ) {
      tally.count(piece, Math.min(block.endMs, piece.endMs) - Math.max(block.startMs, piece.startMs));
      if (block.endMs > piece.endMs) return;
      tally.moveTo(firm, all);
    }
  });
  return { firm, all };
}

/** What is known of a block after some of its pieces; one after the other. */
class Tally {
  #hasProvisional = false;
  readonly #firm: Extremes;
  readonly #all: Extremes;

  constructor(withLevels: boolean) {
    this.#firm = new Extremes(withLevels);
    this.#all = new Extremes(withLevels);
  }

  count({ granted, booked, provisional }: Piece, lastedMs: number): void {
    if (provisional !== 0 && !this.#hasProvisional) {
      this.#hasProvisional = true;
      this.#all.become(this.#firm);
    }
    this.#firm.count(granted, booked, lastedMs);
    if (this.#hasProvisional) this.#all.count(granted, booked + provisional, lastedMs);
  }

  /** Adds the block, of which there are no more pieces, to both; the next piece belongs to the next block. */
  moveTo(firm: AmountBlock[], all: AmountBlock[]): void {
    const block = this.#firm.take();
    firm.push(block);
    all.push(this.#hasProvisional ? this.#all.take() : block);
    this.#hasProvisional = false;
  }
}

/** Whole numbers only, no infinity to begin with: Node.js keeps others as objects of their own, four for each block. */
class Extremes {
  #isEmpty = true;
  #granted = 0;
  #booked = 0;
  #worst = 0;
  #best = 0;
  #levels: Map<number, number> | undefined;

  constructor(private readonly withLevels: boolean) {
    this.#reset();
  }

  count(granted: number, booked: number, lastedMs: number): void {
    const left = granted - booked;
    if (this.#isEmpty || granted < this.#granted) this.#granted = granted;
    if (this.#isEmpty || booked > this.#booked) this.#booked = booked;
    if (this.#isEmpty || left < this.#worst) this.#worst = left;
    if (this.#isEmpty || left > this.#best) this.#best = left;
    this.#isEmpty = false;
    this.#levels?.set(left, (this.#levels.get(left) ?? 0) + lastedMs);
  }

  /** Goes on from what another one has counted. */
  become(other: Extremes): void {
    this.#isEmpty = other.#isEmpty;
    this.#granted = other.#granted;
    this.#booked = other.#booked;
    this.#worst = other.#worst;
    this.#best = other.#best;
    this.#levels = other.#levels && new Map(other.#levels);
  }

  take(): AmountBlock {
    const extremes = { granted: this.#granted, booked: this.#booked, worst: this.#worst, best: this.#best };
    const block = this.#levels === undefined ? extremes : { levels: levelsOf(this.#levels), ...extremes };
    this.#reset();
    return block;
  }

  #reset(): void {
    this.#isEmpty = true;
    if (this.withLevels) this.#levels = new Map();
  }
}

function levelsOf(lasted: ReadonlyMap<number, number>): readonly Level[] {
  const levels = [...lasted].map(([left, lastedMs]) => ({ left, lastedMs }));
  return levels.sort((one, other) => one.left - other.left);
}
