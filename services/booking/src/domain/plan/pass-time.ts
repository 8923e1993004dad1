import { BerthError } from '@berth/kernel';
import type { Booking } from '../model/booking.js';
import { extentOf, isWaiting } from '../model/booking.js';
import { releaseMs, startNoticeMs } from '../state/due.js';
import type { Draft } from './draft.js';
import { freeBooking } from './free-booking.js';
import { inTheWay } from './place.js';
import { flagBelow, followMoves } from './room.js';

/**
 * Does what time brings until now, in order, each with what follows from it. False when there is more than an entry has room for:
 * the rest is due at once, and before anything else.
 */
export function passTime(draft: Draft, mostRows: number): boolean {
  const { state, nowMs } = draft;
  while (draft.changes.length < mostRows) {
    const due = state.nextDue();
    const booking = due && due.atMs <= nowMs ? state.bookings.get(due.id) : undefined;
    if (booking === undefined) return true;
    const mark = state.mark();
    const before = draft.changes.length;
    advance(draft, booking);
    // It would be due for ever, and nothing else would ever be planned.
    if (draft.changes.length === before)
      throw new BerthError('INTERNAL', `what is due of '${booking.id}' changes nothing`);
    followMoves(draft, state.movesSince(mark));
  }
  return false;
}

/** Does the first thing that is due of a booking. Each of them makes that it is not due any more. */
function advance(draft: Draft, booking: Booking): void {
  if (isWaiting(booking)) advanceWaiting(draft, booking);
  else if (booking.state === 'HELD' && isPast(draft, booking.holdUntilMs) && booking.lab?.step !== 'FREE') {
    const why = 'it was not confirmed in time.';
    freeBooking(draft, booking, { to: 'EXPIRED', why });
    if (draft.state.bookings.get(booking.id)?.state === 'EXPIRED') draft.notice('EXPIRED', booking.id, why);
  } else if (isPast(draft, booking.belowUntilMs)) flagBelow(draft, booking);
  else if (booking.lab === undefined && isPast(draft, releaseMs(booking))) {
    const why = 'it was not used in time.';
    freeBooking(draft, booking, { to: 'RELEASED', why, ifUnused: true });
    if (draft.state.bookings.get(booking.id)?.state === 'RELEASED') draft.notice('RELEASED', booking.id, why);
  } else remind(draft, booking);
}

function advanceWaiting(draft: Draft, booking: Booking): void {
  const { id } = booking;
  if (isPast(draft, extentOf(booking).startMs)) {
    const why = 'there was no room until its start.';
    freeBooking(draft, booking, { to: 'CANCELLED', why });
    draft.notice('CANCELLED', id, why);
  } else if (booking.state === 'PROVISIONAL' && isPast(draft, booking.resolveByMs)) {
    const shortfall = inTheWay(draft, booking) ?? booking.shortfall;
    draft.putBooking({ ...booking, state: 'UNRESOLVED', ...(shortfall && { shortfall }) });
    draft.notice('UNRESOLVED', id, 'there is no room yet; it is tried until its start.');
  } else {
    const { retryMs: _, ...rest } = booking;
    draft.markBooking(rest);
    for (const { cluster } of booking.spans) draft.roomIn.add(cluster);
  }
}

/** Tells of a start or an end that comes. Only once for each boundary, wherever it moves. */
function remind(draft: Draft, booking: Booking): void {
  const { startMs, endMs } = extentOf(booking);
  const starts = isPast(draft, startNoticeMs(booking));
  draft.markBooking({ ...booking, ...(starts ? { noticedStartMs: startMs } : { noticedEndMs: endMs }) });
  // After an outage it may be over already.
  if (draft.nowMs >= (starts ? startMs : endMs)) return;
  draft.notice(starts ? 'STARTS' : 'ENDS', booking.id, starts ? 'it begins soon.' : 'it ends soon.');
}

function isPast({ nowMs }: Draft, atMs: number | undefined): boolean {
  return atMs !== undefined && atMs <= nowMs;
}
