import type {
  Block as BlockMessage,
  BlockAmount,
  Figures,
  GetAvailabilityResponse,
  Level as LevelMessage,
  TemplateFit,
} from '@berth/proto/berth/booking/v1/availability';
import { Block } from '@berth/proto/berth/booking/v1/availability';
import { decodePageToken, encodePageToken, invalidField } from '@berth/kernel';
import { durationOf, itemBytes, MAX_ANSWER_BYTES } from '@berth/server';
import type { AvailabilityAnswer } from '../app/booking-app.js';
import type { AmountBlock, Level, SeriesBlock } from '../domain/availability/availability.js';
import { UNIT } from '../domain/model/cluster.js';
import { intervalOf } from './values-to-proto.js';

/** The most blocks that are read for one answer. */
const MOST_BLOCKS = 10_000;

const blockBytes = itemBytes(Block);

/** The numbers of the blocks that are read for an answer. */
export interface BlockPage {
  readonly from: number;
  readonly count: number;
}

/** The blocks of a page; without a size as many as may fit. Throws INVALID_FIELD and INVALID_PAGE_TOKEN. */
export function blockPage(
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
  scope: unknown,
): BlockPage {
  if (pageSize < 0) throw invalidField('page_size', `must not be negative, got ${pageSize}`);
  const count = pageSize === 0 ? MOST_BLOCKS : Math.min(pageSize, MOST_BLOCKS);
  return { from: Number(decodePageToken(pageToken, scope) ?? '0'), count };
}

/** The answer to a page of blocks: cut where it would be too large; `scope` are the other arguments. */
export function availabilityPage(
  answer: AvailabilityAnswer,
  { from }: BlockPage,
  scope: unknown,
): GetAvailabilityResponse {
  const blocks: BlockMessage[] = [];
  let bytes = 0;
  for (const place of answer.availability.blocks.keys()) {
    const block = blockOf(answer, place);
    bytes += blockBytes(block);
    if (bytes > MAX_ANSWER_BYTES && blocks.length > 0) break;
    blocks.push(block);
  }
  const next = from + blocks.length;
  const { units, zone: timeZone, revision, total } = answer;
  const nextPageToken = next < total ? encodePageToken(String(next), scope) : '';
  return { blocks, units: { ...units }, timeZone, revision, nextPageToken };
}

/** One block of an answer, by its place. */
export function blockOf({ availability, templates }: AvailabilityAnswer, place: number): BlockMessage {
  const block = availability.blocks[place];
  if (block === undefined) throw new RangeError(`there is no block ${place}`);
  const { firm, all, partial } = block;
  return {
    interval: intervalOf(block),
    partial,
    amounts: availability.amounts.map((name, i) =>
      amountOf(name, firm.amounts[i], all === firm ? undefined : all.amounts[i]),
    ),
    fits: templates.map(({ name, version }, i) => fitOf(name, version, i, firm, all)),
  };
}

function fitOf(template: string, version: number, place: number, firm: SeriesBlock, all: SeriesBlock): TemplateFit {
  return { template, version, firm: firm.fits[place] ?? 0, all: all.fits[place] ?? 0 };
}

function amountOf(amount: string, firm: AmountBlock | undefined, all: AmountBlock | undefined): BlockAmount {
  const granted = down(firm?.granted ?? 0);
  return { amount, granted, firm: firm && figuresOf(firm), all: all && figuresOf(all) };
}

function figuresOf({ booked, worst, best, levels = [] }: AmountBlock): Figures {
  return { booked: Math.ceil(booked / UNIT), worst: down(worst), best: down(best), levels: levelsOf(levels) };
}

/** Levels in whole amounts; those that are the same then are one. */
function levelsOf(levels: readonly Level[]): LevelMessage[] {
  const lastedMs = new Map<number, number>();
  for (const { left, lastedMs: ms } of levels) lastedMs.set(down(left), (lastedMs.get(down(left)) ?? 0) + ms);
  return [...lastedMs].map(([available, ms]) => ({ available, duration: durationOf(ms) }));
}

/** A whole amount of what the timeline keeps in ten-thousandths. */
function down(units: number): number {
  return Math.floor(units / UNIT);
}
