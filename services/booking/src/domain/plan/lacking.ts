import type { Booking, Shortfall, Span } from '../model/booking.js';
import { isFirm } from '../model/booking.js';
import { SHARE, UNIT } from '../model/cluster.js';
import { spansThatCount } from '../state/cluster-book.js';
import type { Move } from '../state/moves.js';
import { floorOf } from '../state/moves.js';
import { amountOf } from '../state/pieces.js';
import type { RootState } from '../state/root-state.js';
import type { Interval } from '../time/interval.js';
import { intersect } from '../time/interval.js';
import { isOpen } from './is-open.js';
import { fitsOf, nextStartOf } from './next-start.js';

/** The first interval in which a plan would leave too little of an amount of a cluster; `shortfall` in whole amounts. */
export interface Lacking extends Interval {
  readonly cluster: string;
  readonly amount: string;
  readonly shortfall: number;
}

/** How many blockers are named. */
const MOST_BLOCKERS = 20;

/** The first interval in which moves that take leave too little; undefined when they leave enough. */
export function firstLacking(state: RootState, moves: readonly Move[], forced?: string): Lacking | undefined {
  let found: Move | undefined;
  let foundMs = Infinity;
  for (const move of moves) {
    if (move.delta >= 0 || move.cluster === forced) continue;
    const { cluster, amount, startMs, endMs } = move;
    const fromMs = state.timeline(cluster).firstBelow(amount, startMs, endMs, floorOf(amount));
    if (fromMs === undefined || fromMs > foundMs) continue;
    if (fromMs === foundMs && found !== undefined && found.amount <= amount) continue;
    found = move;
    foundMs = fromMs;
  }
  return found && lackingFrom(state, found, foundMs);
}

function lackingFrom(state: RootState, { cluster, amount, endMs }: Move, startMs: number): Lacking {
  const timeline = state.timeline(cluster);
  const floor = floorOf(amount);
  const untilMs = timeline.firstAtLeast(amount, startMs, endMs, floor) ?? endMs;
  const missing = floor - timeline.worst(amount, startMs, untilMs);
  return {
    cluster,
    amount,
    startMs,
    endMs: untilMs,
    shortfall: amount === SHARE ? missing : Math.ceil(missing / UNIT),
  };
}

/**
 * All about what lacks, on the state as it is without the plan: who is in the way, and for a booking of `spans` the earliest
 * start at which they fit and what of them fits now. `own` are not in their own way.
 */
export function shortfallOf(
  state: RootState,
  lacking: Lacking,
  spans: readonly Span[] = [],
  own: readonly string[] = [],
): Shortfall {
  const { cluster, startMs, endMs, amount, shortfall } = lacking;
  const blockers = blockersOf(state, lacking, own);
  const isUsable = spans.length > 0 && spans.every((span) => isOpen(state, span.cluster));
  const fitsNow = isUsable ? fitsOf(state, spans, cluster) : undefined;
  const nextStartMs = isUsable ? nextStartOf(state, spans) : undefined;
  return {
    cluster,
    startMs,
    endMs,
    amount,
    shortfall,
    blockers,
    ...(nextStartMs !== undefined && { nextStartMs }),
    ...(fitsNow !== undefined && { fitsNow }),
  };
}

/** The firm bookings that take of an amount in an interval, the earliest first; only so many are kept while they are looked for. */
function blockersOf(state: RootState, lacking: Lacking, own: readonly string[]): readonly string[] {
  const found: Booking[] = [];
  for (const id of state.book(lacking.cluster).bookings.overlapping(lacking)) {
    const booking = state.bookings.get(id);
    if (booking === undefined || own.includes(id) || !isFirm(booking)) continue;
    const last = found[MOST_BLOCKERS - 1];
    if (last !== undefined && compareStarts(booking, last) >= 0) continue;
    if (!takes(state, booking, lacking)) continue;
    const at = found.findIndex((other) => compareStarts(booking, other) < 0);
    found.splice(at === -1 ? found.length : at, 0, booking);
    found.length = Math.min(found.length, MOST_BLOCKERS);
  }
  return found.map(({ id }) => id);
}

function compareStarts(one: Booking, other: Booking): number {
  return (one.spans[0]?.startMs ?? 0) - (other.spans[0]?.startMs ?? 0) || one.order - other.order;
}

/** Whether a booking takes of an amount of a cluster within an interval; of a share, while the cluster has some of it. */
export function takes(
  state: RootState,
  booking: Booking,
  { cluster, amount, ...interval }: Omit<Lacking, 'shortfall'>,
): boolean {
  return spansThatCount(booking).some((span) => {
    const inside = span.cluster === cluster ? intersect(span, interval) : undefined;
    if (inside === undefined) return false;
    if (span.share === undefined) return amountOf(span.amounts, amount) > 0;
    return (
      amount === SHARE ||
      state
        .book(cluster)
        .pieces(inside)
        .some(({ amounts }) => amountOf(amounts, amount) > 0)
    );
  });
}
