import type { Booking } from '../model/booking.js';
import { extentOf, isFirm, isOver } from '../model/booking.js';
import { FOREVER_MS, SHARE } from '../model/cluster.js';
import type { Move } from '../state/moves.js';
import { netMoves } from '../state/moves.js';
import { intersect } from '../time/interval.js';
import type { Draft } from './draft.js';
import { takes } from './lacking.js';
import { promote } from './place.js';

/**
 * What follows from all that moved: firm bookings over an instant below 0 are DEGRADED while it lasts, and what waits is made firm
 * where all of it fits now.
 */
export function followMoves(draft: Draft, moves: readonly Move[]): void {
  followBelow(draft, moves);
  for (const { cluster, delta } of netMoves(moves)) if (delta > 0) draft.roomIn.add(cluster);
  giveRoom(draft);
}

/** Makes firm what waits and fits whole, by priority, then creation; of clusters in which there may be room. */
function giveRoom(draft: Draft): void {
  const { state, roomIn, nowMs } = draft;
  while (roomIn.size > 0 && state.waiting.size > 0) {
    const clusters = new Set(roomIn);
    roomIn.clear();
    for (const { id } of state.queue()) {
      const booking = state.bookings.get(id);
      if (booking?.spans.some(({ cluster }) => clusters.has(cluster)) !== true) continue;
      // At its start it is cancelled, not made firm.
      if (extentOf(booking).startMs <= nowMs || (booking.retryMs ?? 0) > nowMs) continue;
      if (promote(draft, booking) !== undefined || booking.child === undefined) continue;
      // What is in a cluster may be firm from now on.
      roomIn.add(booking.child);
    }
  }
  roomIn.clear();
}

/** Flags and unflags what lies over instants below 0, as far as moves made a difference. */
function followBelow(draft: Draft, moves: readonly Move[]): void {
  const { state, nowMs } = draft;
  const found = new Set<string>();
  const moved = new Set(moves.map(({ cluster }) => cluster));
  // Also where no less is left than before, and less than nothing still: a share may have some of the amount only now.
  for (const { cluster, amount, startMs, endMs } of moves) {
    if (amount === SHARE) continue;
    const fromMs = Math.max(startMs, nowMs);
    if (fromMs >= endMs) continue;
    for (const below of state.timeline(cluster).shortages(amount, fromMs, endMs, 0)) {
      for (const id of state.book(cluster).bookings.overlapping(below)) {
        const booking = state.bookings.get(id);
        if (booking !== undefined && takes(state, booking, { cluster, ...below })) found.add(id);
      }
    }
  }
  for (const id of state.degraded) {
    if (state.bookings.get(id)?.spans.some(({ cluster }) => moved.has(cluster)) === true) found.add(id);
  }
  const bookings = [...found].flatMap((id) => state.bookings.get(id) ?? []);
  for (const booking of bookings.sort((a, b) => a.order - b.order)) flagBelow(draft, booking);
}

/** Flags a firm booking DEGRADED while it lies over an instant below 0, from now on; unflags it when it does not. */
export function flagBelow(draft: Draft, booking: Booking): void {
  const below = isFirm(booking) && !isOver(booking, draft.nowMs) ? belowUntil(draft, booking) : undefined;
  if (below?.untilMs === booking.belowUntilMs) return;
  const { belowUntilMs: before, ...rest } = booking;
  if (below !== undefined) {
    const reason = `more is booked than there is of ${below.amount} on cluster '${below.cluster}'.`;
    draft.putBooking({ ...rest, degraded: true, reason, belowUntilMs: below.untilMs });
    if (before === undefined && !booking.degraded) draft.notice('DEGRADED', booking.id, reason);
    return;
  }
  const degraded = booking.benchLost === true;
  draft.putBooking({ ...rest, degraded, reason: degraded ? booking.reason : '' });
  if (!degraded && isFirm(booking)) draft.notice('RESTORED', booking.id, 'there is enough again.');
}

interface Below {
  readonly cluster: string;
  readonly amount: string;
  readonly untilMs: number;
}

/** Until when a booking lies over instants below 0 of something that it takes, from now on. */
function belowUntil({ state, nowMs }: Draft, { spans }: Booking): Below | undefined {
  let last: Below | undefined;
  for (const span of spans) {
    const { cluster, amounts, share } = span;
    const inside = intersect(span, { startMs: nowMs, endMs: FOREVER_MS });
    if (inside === undefined) continue;
    // A share takes of what the cluster has, while it has some.
    const pieces = share === undefined ? [{ ...inside, amounts }] : state.book(cluster).pieces(inside);
    for (const piece of pieces) {
      for (const [amount, value] of Object.entries(piece.amounts)) {
        const below = value > 0 ? state.timeline(cluster).shortages(amount, piece.startMs, piece.endMs, 0) : [];
        const untilMs = below.at(-1)?.endMs;
        if (untilMs !== undefined && untilMs > (last?.untilMs ?? 0)) last = { cluster, amount, untilMs };
      }
    }
  }
  return last;
}
