import type { Booking, Shortfall } from './model/booking.js';
import { isFirm, isWaiting } from './model/booking.js';
import { UNIT } from './model/cluster.js';
import type { Part } from './model/cluster.js';
import { Draft } from './plan/draft.js';
import { shortfallOf } from './plan/lacking.js';
import { inTheWay } from './plan/place.js';
import { cut, sameAmounts, sizePieces } from './state/pieces.js';
import type { Piece } from './state/pieces.js';
import type { RootState } from './state/root-state.js';
import type { Interval } from './time/interval.js';
import { intersect } from './time/interval.js';
import type { Amounts } from './timeline/rows.js';

/** One period of a cluster's size, with who set it where it was set. */
export interface SizePeriod extends Piece {
  readonly parts: readonly Part[];
  readonly actor?: string;
  readonly createdMs?: number;
}

/** How big a cluster is over an interval: a period for each size, without overlap. */
export function sizesOf(state: RootState, name: string, within: Interval): readonly SizePeriod[] {
  const cluster = state.clusters.get(name);
  if (cluster?.parent !== undefined) {
    return sizePieces(cluster).flatMap(({ size, amounts, ...piece }) => {
      const inside = intersect(piece, within);
      const { parts, actor, createdMs } = size;
      return inside === undefined ? [] : [{ ...inside, amounts, parts, actor, createdMs }];
    });
  }
  const periods: SizePeriod[] = [];
  for (const { startMs, endMs, amounts } of state.book(name).pieces(within)) {
    const last = periods.at(-1);
    if (last !== undefined && sameAmounts(last.amounts, amounts)) periods[periods.length - 1] = { ...last, endMs };
    else periods.push({ startMs, endMs, amounts, parts: [] });
  }
  return periods;
}

/** What a booking's span has at each instant: its amounts, or of a share the floor of share × size. */
export function entitlementsOf(state: RootState, booking: Booking, at: number): readonly Piece[] {
  const span = booking.spans[at];
  if (span === undefined) return [];
  const { startMs, endMs, amounts, share, cluster } = span;
  if (share === undefined) return [{ startMs, endMs, amounts }];
  const pieces = state.book(cluster).pieces(span);
  return cut(
    span,
    pieces.flatMap((piece) => [piece.startMs, piece.endMs]),
  ).map((part) => {
    const size = pieces.find((piece) => piece.startMs <= part.startMs && part.startMs < piece.endMs)?.amounts ?? {};
    const has = Object.entries(size).map(([name, value]) => [name, Math.floor((value * share) / UNIT)] as const);
    return { ...part, amounts: Object.fromEntries(has) };
  });
}

/** What a booking's span has at an instant; before its start what it has then. */
export function takenAt(state: RootState, booking: Booking, at: number, nowMs: number): Amounts {
  const pieces = entitlementsOf(state, booking, at);
  return (pieces.find(({ endMs }) => nowMs < endMs) ?? pieces.at(-1))?.amounts ?? {};
}

/** A booking that waits or is DEGRADED, and what is in its way now, if anything is. */
export interface Conflict {
  readonly booking: Booking;
  readonly shortfall?: Shortfall;
}

/** All that wait or are DEGRADED, by start. The state must have no open draft. */
export function conflictsOf(state: RootState, nowMs: number): readonly Conflict[] {
  const ids = new Set([...state.waiting, ...state.degraded]);
  const bookings = [...ids].flatMap((id) => state.bookings.get(id) ?? []);
  bookings.sort((a, b) => (a.spans[0]?.startMs ?? 0) - (b.spans[0]?.startMs ?? 0) || (a.id < b.id ? -1 : 1));
  state.beginDraft();
  try {
    const draft = new Draft(state, Math.max(nowMs, state.atMs));
    return bookings.map((booking) => {
      const shortfall = isWaiting(booking) ? inTheWay(draft, booking) : belowOf(state, booking);
      return { booking, ...(shortfall && { shortfall }) };
    });
  } finally {
    state.endDraft(false);
  }
}

/** The first interval below 0 that a firm booking lies over, of something that it takes. */
function belowOf(state: RootState, booking: Booking): Shortfall | undefined {
  if (!isFirm(booking)) return undefined;
  for (const span of booking.spans) {
    const { cluster, share } = span;
    for (const { startMs, endMs, amounts } of share === undefined ? [span] : state.book(cluster).pieces(span)) {
      for (const [amount, value] of Object.entries(amounts)) {
        const [below] = value > 0 ? state.timeline(cluster).shortages(amount, startMs, endMs, 0) : [];
        if (below === undefined) continue;
        return shortfallOf(
          state,
          { cluster, ...below, shortfall: Math.ceil(below.shortfall / UNIT) },
          [],
          [booking.id],
        );
      }
    }
  }
  return undefined;
}
