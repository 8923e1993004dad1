import type { Interval } from '../time/interval.js';
import type { Piece } from '../timeline/rows.js';
import type { Timeline } from '../timeline/timeline.js';
import type { AmountBlock, Level } from './availability.js';

/** One amount over one block, firm and with provisional bookings. */
export interface Measure {
  readonly firm: AmountBlock;
  readonly all: AmountBlock;
}

/**
 * One amount over blocks that follow each other, in their order. One walk over the pieces of the whole time, however many
 * blocks there are: O(pieces + blocks).
 */
export function measureBlocks(
  timeline: Timeline,
  amount: string,
  blocks: readonly Interval[],
  withLevels: boolean,
): readonly Measure[] {
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return [];
  const measures: Measure[] = [];
  const tally = new Tally(withLevels);
  timeline.eachPiece(amount, first.startMs, last.endMs, (piece) => {
    for (
      let block = blocks[measures.length];
      block !== undefined && block.startMs < piece.endMs;
      block = blocks[measures.length]
    ) {
      tally.count(piece, Math.min(block.endMs, piece.endMs) - Math.max(block.startMs, piece.startMs));
      if (block.endMs > piece.endMs) return;
      measures.push(tally.take());
    }
  });
  return measures;
}

/** What is known of a block after some of its pieces; one after the other, as there may be many blocks. */
class Tally {
  #granted = Infinity;
  #hasProvisional = false;
  readonly #firm: Extremes;
  readonly #all: Extremes;

  constructor(withLevels: boolean) {
    this.#firm = new Extremes(withLevels);
    this.#all = new Extremes(withLevels);
  }

  count(piece: Piece, lastedMs: number): void {
    if (piece.granted < this.#granted) this.#granted = piece.granted;
    if (piece.provisional !== 0) this.#hasProvisional = true;
    this.#firm.count(piece.granted, piece.booked, lastedMs);
    this.#all.count(piece.granted, piece.booked + piece.provisional, lastedMs);
  }

  /** The block, of which there are no more pieces; the next piece belongs to the next block. */
  take(): Measure {
    const firm = this.#firm.take(this.#granted);
    const all = this.#all.take(this.#granted);
    const measure = { firm, all: this.#hasProvisional ? all : firm };
    this.#granted = Infinity;
    this.#hasProvisional = false;
    return measure;
  }
}

class Extremes {
  #booked = -Infinity;
  #worst = Infinity;
  #best = -Infinity;
  #levels: Map<number, number> | undefined;

  constructor(private readonly withLevels: boolean) {
    this.#reset();
  }

  count(granted: number, booked: number, lastedMs: number): void {
    const left = granted - booked;
    if (booked > this.#booked) this.#booked = booked;
    if (left < this.#worst) this.#worst = left;
    if (left > this.#best) this.#best = left;
    this.#levels?.set(left, (this.#levels.get(left) ?? 0) + lastedMs);
  }

  take(granted: number): AmountBlock {
    const extremes = { granted, booked: this.#booked, worst: this.#worst, best: this.#best };
    const block = this.#levels === undefined ? extremes : { levels: levelsOf(this.#levels), ...extremes };
    this.#reset();
    return block;
  }

  #reset(): void {
    this.#booked = -Infinity;
    this.#worst = Infinity;
    this.#best = -Infinity;
    if (this.withLevels) this.#levels = new Map();
  }
}

function levelsOf(lasted: ReadonlyMap<number, number>): readonly Level[] {
  const levels = [...lasted].map(([left, lastedMs]) => ({ left, lastedMs }));
  return levels.sort((one, other) => one.left - other.left);
}
