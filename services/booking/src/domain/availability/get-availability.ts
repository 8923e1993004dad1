import type { Block } from '../time/block.js';
import type { Amounts } from '../timeline/rows.js';
import type { Timeline } from '../timeline/timeline.js';
import type { AmountBlock, Availability, AvailabilityBlock, SeriesBlock } from './availability.js';
import type { Measures } from './measure-blocks.js';
import { measureBlocks } from './measure-blocks.js';

export interface AvailabilityQuestion {
  /** The names of the amounts to tell of; all that rows name if not given. */
  readonly amounts?: readonly string[];
  /** What each template needs, in the unit of the timeline. */
  readonly templates: readonly Amounts[];
  /** Whether to tell how long each level lasted. */
  readonly levels: boolean;
}

/**
 * What is granted, booked and left in each block, also where all of it is 0. How often a template fits is a question of
 * each amount for itself: the least over the amounts of floor(worst / needed) is the least over all instants too.
 */
export function getAvailability(
  timeline: Timeline,
  blocks: readonly Block[],
  { amounts = timeline.names(), templates, levels }: AvailabilityQuestion,
): Availability {
  const needed = new Set(templates.flatMap((template) => Object.keys(template)));
  const measures = new Map(
    [...new Set([...amounts, ...needed])].map((amount) => [amount, measureBlocks(timeline, amount, blocks, levels)]),
  );
  const teller = (series: keyof Measures): SeriesTeller => {
    const blocksOf = (amount: string): readonly AmountBlock[] => measures.get(amount)?.[series] ?? [];
    return new SeriesTeller(
      amounts.map(blocksOf),
      templates.map((template) => Object.entries(template).map(([name, each]) => ({ each, blocks: blocksOf(name) }))),
    );
  };
  const firmly = teller('firm');
  const together = teller('all');
  const measured = [...measures.values()];
  return {
    amounts,
    blocks: blocks.map(({ startMs, endMs, partial }, i): AvailabilityBlock => {
      const firm = firmly.tell(i);
      const same = measured.every((one) => one.firm[i] === one.all[i]);
      return { startMs, endMs, partial, firm, all: same ? firm : together.tell(i) };
    }),
  };
}

/** So much of an amount is needed, of which this is what is there in each block. */
interface Need {
  readonly each: number;
  readonly blocks: readonly AmountBlock[];
}

/** Tells of one block after the other. There may be many: each makes the objects of its answer, and no others. */
class SeriesTeller {
  constructor(
    private readonly amounts: readonly (readonly AmountBlock[])[],
    private readonly needs: readonly (readonly Need[])[],
  ) {}

  tell(i: number): SeriesBlock {
    return {
      amounts: this.amounts.map((blocks) => blockAt(blocks, i)),
      fits: this.needs.map((need) => fitsAt(need, i)),
    };
  }
}

function blockAt(blocks: readonly AmountBlock[], i: number): AmountBlock {
  const block = blocks[i];
  if (block === undefined) throw new Error(`block ${i} was not measured`);
  return block;
}

/** How often what is needed is there at the worst instant of a block; never below 0, and 0 of what needs nothing. */
function fitsAt(needs: readonly Need[], i: number): number {
  let least = Infinity;
  for (const { each, blocks } of needs) {
    if (each > 0) least = Math.min(least, Math.floor(Math.max(0, blockAt(blocks, i).worst) / each));
  }
  return least === Infinity ? 0 : least;
}
