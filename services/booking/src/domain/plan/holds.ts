import { requireOwner } from '@berth/kernel';
import { stateAt } from '../model/booking.js';
import type { CheckIn, ConfirmHold } from '../model/commands.js';
import type { Done } from '../model/ledger.js';
import { bookingOf } from './change-bookings.js';
import type { Draft } from './draft.js';
import { notNow, requireEtag } from './refusals.js';

/** Makes a hold firm. What has expired by now was ended before this is planned, so one of both wins. */
export function planConfirmHold(draft: Draft, { id, by, etag }: ConfirmHold): Done {
  const booking = bookingOf(draft, id);
  const { state, holdUntilMs = Infinity, lab } = booking;
  requireOwner(booking.owner, by, `confirm hold '${id}'`, { type: 'berth.dev/Booking', name: id });
  requireEtag('Booking', id, booking.version, etag);
  const expired = state === 'EXPIRED' || (state === 'HELD' && (holdUntilMs <= draft.nowMs || lab?.to === 'EXPIRED'));
  if (expired) throw notNow('HOLD_EXPIRED', booking, 'EXPIRED', 'be confirmed', 'hold again');
  const shown = stateAt(booking, draft.nowMs);
  if (state === 'CANCELLED' || state === 'RELEASED')
    throw notNow('BOOKING_OVER', booking, shown, 'be confirmed', 'book again');
  if (state !== 'HELD') throw notNow('NOT_A_HOLD', booking, shown, 'be confirmed', 'only a hold can');
  if (lab !== undefined) throw notNow('BOOKING_UNSETTLED', booking, state, 'be confirmed', 'try again in a moment');
  const { holdUntilMs: _, ...rest } = booking;
  draft.putBooking({ ...rest, state: 'BOOKED' });
  return { id, bookings: [id] };
}

/** Says that a booking is used, so that it is not released. What was said first stays. */
export function planCheckIn(draft: Draft, { id, by }: CheckIn): Done {
  const booking = bookingOf(draft, id);
  if (by.actor.kind !== 'system') {
    requireOwner(booking.owner, by, `check in to booking '${id}'`, { type: 'berth.dev/Booking', name: id });
  }
  const state = stateAt(booking, draft.nowMs);
  if (state !== 'ACTIVE')
    throw notNow('NOT_ACTIVE', booking, state, 'be used', 'check in between its start and its end');
  if (booking.usedMs === undefined) draft.putBooking({ ...booking, usedMs: draft.nowMs });
  return { id, bookings: [id] };
}
