import type { Span } from '../model/booking.js';
import { extentOf } from '../model/booking.js';
import { SHARE, UNIT } from '../model/cluster.js';
import { floorOf } from '../state/moves.js';
import type { RootState } from '../state/root-state.js';
import type { Interval } from '../time/interval.js';
import { overlap } from '../time/interval.js';
import type { Amounts } from '../timeline/rows.js';

/** How far ahead another start is looked for. */
const LOOK_AHEAD_MS = 366 * 24 * 3_600_000;

/** In how many places it is looked for. */
const MOST_TRIES = 1000;

/**
 * The earliest start, not before the one asked for and within a year, at which all of a booking fits; undefined when there is none,
 * or its own spans overlap each other.
 */
export function nextStartOf(state: RootState, spans: readonly Span[]): number | undefined {
  const clash = spans.some((one, at) =>
    spans.slice(at + 1).some((other) => one.cluster === other.cluster && overlap(one, other)),
  );
  if (spans.length === 0 || clash) return undefined;
  const { startMs } = extentOf({ spans });
  let shiftMs = 0;
  for (let tries = 0; tries < MOST_TRIES && shiftMs <= LOOK_AHEAD_MS; tries += 1) {
    const furtherMs = missBy(state, spans, shiftMs);
    if (furtherMs === 0) return startMs + shiftMs;
    shiftMs += furtherMs;
  }
  return undefined;
}

/** How much further spans that are shifted must go at least; 0 = they fit. */
function missBy(state: RootState, spans: readonly Span[], shiftMs: number): number {
  let furtherMs = 0;
  for (const { cluster, startMs, endMs, ...what } of spans) {
    const shifted = { startMs: startMs + shiftMs, endMs: endMs + shiftMs };
    const timeline = state.timeline(cluster);
    for (const { amount, level, ...part } of needsOf(state, cluster, shifted, what)) {
      const fromMs = timeline.firstBelow(amount, part.startMs, part.endMs, level);
      if (fromMs === undefined) continue;
      // What overlaps that instant does not fit: it begins at the earliest where there is enough again.
      const againMs = timeline.firstAtLeast(amount, fromMs, part.endMs, level) ?? part.endMs;
      furtherMs = Math.max(furtherMs, againMs - shifted.startMs);
    }
  }
  return furtherMs;
}

interface Level extends Interval {
  readonly amount: string;
  /** How much must be left. */
  readonly level: number;
}

/** What a span needs, part by part: of a share as much as the size of the cluster says, and that there is a size at all. */
function needsOf(
  state: RootState,
  cluster: string,
  within: Interval,
  { amounts, share }: Pick<Span, 'amounts' | 'share'>,
): Level[] {
  if (share === undefined) return levels(within, amounts, UNIT);
  const pieces = state.book(cluster).pieces(within);
  const sized = pieces.filter((piece) => Object.values(piece.amounts).some((size) => size > 0));
  return [
    ...pieces.flatMap((piece) => levels(piece, piece.amounts, share)),
    { ...within, amount: SHARE, level: share + floorOf(SHARE) },
    ...gaps(within, sized).map((gap) => ({ ...gap, amount: SHARE, level: Infinity })),
  ];
}

/** The parts of an interval that lie in none of these, which are in order and do not overlap. */
function gaps({ startMs, endMs }: Interval, others: readonly Interval[]): Interval[] {
  const ends = [startMs, ...others.map((other) => other.endMs)];
  const starts = [...others.map((other) => other.startMs), endMs];
  return ends.map((end, at) => ({ startMs: end, endMs: starts[at] ?? endMs })).filter((gap) => gap.startMs < gap.endMs);
}

function levels({ startMs, endMs }: Interval, amounts: Amounts, times: number): Level[] {
  return Object.entries(amounts).map(([amount, value]) => ({ startMs, endMs, amount, level: value * times }));
}

/** How much of each amount asked for on a cluster is free over the whole interval; of a share, how large one would be. */
export function fitsOf(state: RootState, spans: readonly Span[], cluster: string): Amounts {
  const fits = new Map<string, number>();
  const atMost = (name: string, fit: number): void => {
    fits.set(name, Math.max(0, Math.min(fits.get(name) ?? Infinity, Math.floor(fit))));
  };
  const timeline = state.timeline(cluster);
  for (const { startMs, endMs, amounts, share, cluster: name } of spans) {
    if (name !== cluster) continue;
    for (const amount of Object.keys(amounts)) atMost(amount, timeline.worst(amount, startMs, endMs) / UNIT);
    if (share === undefined) continue;
    atMost(SHARE, timeline.worst(SHARE, startMs, endMs) - floorOf(SHARE));
    for (const piece of state.book(cluster).pieces({ startMs, endMs })) {
      for (const [amount, size] of Object.entries(piece.amounts)) {
        if (size > 0) atMost(SHARE, timeline.worst(amount, piece.startMs, piece.endMs) / size);
      }
    }
  }
  return Object.fromEntries(fits);
}
