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
  const needs = templates.map((template) =>
    Object.entries(template).map(([amount, each]) => ({ each, measures: measures.get(amount) ?? [] })),
  );
  const all = [...measures.values()];
  const seriesOf = (i: number, series: keyof Measure): SeriesBlock => ({
    amounts: told.flatMap((one) => one[i]?.[series] ?? []),
    fits: needs.map((need) => fitsAt(need.map(({ each, measures }) => ({ each, block: measures[i]?.[series] })))),
  });
  return {
    amounts,
    blocks: blocks.map(({ startMs, endMs, partial }, i): AvailabilityBlock => {
      const firm = seriesOf(i, 'firm');
      const same = all.every((one) => one[i]?.firm === one[i]?.all);
      return { startMs, endMs, partial, firm, all: same ? firm : seriesOf(i, 'all') };
    }),
  };
}

/** How often what is needed is there at the worst instant; never below 0, and 0 of what needs nothing. */
function fitsAt(needs: readonly { readonly each: number; readonly block: AmountBlock | undefined }[]): number {
  const fits = needs
    .filter(({ each }) => each > 0)
    .map(({ each, block }) => Math.floor(Math.max(0, block?.worst ?? 0) / each));
  return fits.length === 0 ? 0 : Math.min(...fits);
}
