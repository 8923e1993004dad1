import type { Block } from '../time/block.js';
import type { Amounts } from '../timeline/rows.js';
import type { Timeline } from '../timeline/timeline.js';
import type { AmountBlock, Availability, AvailabilityBlock, SeriesBlock } from './availability.js';
import type { Measure } from './measure-blocks.js';
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
  const measures = new Map<string, readonly Measure[]>();
  for (const amount of new Set([...amounts, ...needed])) {
    measures.set(amount, measureBlocks(timeline, amount, blocks, levels));
  }
  const told = amounts.map((amount) => measures.get(amount) ?? []);
  const needs = templates.map((template): readonly Need[] =>
    Object.entries(template).map(([amount, each]) => ({ each, measures: measures.get(amount) ?? [] })),
  );
  const all = [...measures.values()];
  // There may be many blocks: each makes the objects of its answer, and no others.
  const seriesOf = (i: number, series: keyof Measure): SeriesBlock => {
    const blocksOfAmounts: AmountBlock[] = [];
    for (const one of told) {
      const measure = one[i];
      if (measure !== undefined) blocksOfAmounts.push(measure[series]);
    }
    return { amounts: blocksOfAmounts, fits: needs.map((need) => fitsAt(need, i, series)) };
  };
  return {
    amounts,
    blocks: blocks.map(({ startMs, endMs, partial }, i): AvailabilityBlock => {
      const firm = seriesOf(i, 'firm');
      const same = all.every((one) => one[i]?.firm === one[i]?.all);
      return { startMs, endMs, partial, firm, all: same ? firm : seriesOf(i, 'all') };
    }),
  };
}

interface Need {
  readonly each: number;
  readonly measures: readonly Measure[];
}

/** How often what is needed is there at the worst instant of a block; never below 0, and 0 of what needs nothing. */
function fitsAt(needs: readonly Need[], i: number, series: keyof Measure): number {
  let least = Infinity;
  for (const { each, measures } of needs) {
    const worst = measures[i]?.[series].worst ?? 0;
    if (each > 0) least = Math.min(least, Math.floor(Math.max(0, worst) / each));
  }
  return least === Infinity ? 0 : least;
}
