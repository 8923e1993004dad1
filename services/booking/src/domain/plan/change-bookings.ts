import { invalidField, requireOwner } from '@berth/kernel';
import type { Booking, Span } from '../model/booking.js';
import { extentOf, isFirm, isOver, isWaiting, stateAt } from '../model/booking.js';
import type { BookingChange, CancelBooking, UpdateBookings } from '../model/commands.js';
import type { Done } from '../model/ledger.js';
import { clipSpans, sameAmounts } from '../state/pieces.js';
import type { Draft } from './draft.js';
import { freeBooking } from './free-booking.js';
import { shortfallOf } from './lacking.js';
import { nextVersion, withoutCandidates } from './place.js';
import { readSpans, requireWithin } from './read-spans.js';
import { noCapacity, noSuchBooking, notNow, refusedField, requireEtag } from './refusals.js';

/** The booking with an id. Throws NO_SUCH_BOOKING. */
export function bookingOf({ state }: Draft, id: string): Booking {
  const booking = state.bookings.get(id);
  if (booking === undefined) throw noSuchBooking(id);
  return booking;
}

/** Changes bookings: all of them or none. Each is checked whole, so what takes no more at any instant is always accepted. */
export function planUpdateBookings(draft: Draft, command: UpdateBookings): Done {
  const ids = command.bookings.map(({ id }) => id);
  let lastSpans: readonly Span[] = [];
  const admitted = draft.admit(() => {
    for (const { id, etag, change } of command.bookings) {
      const booking = bookingOf(draft, id);
      requireChangeable(draft, booking, command.by, etag);
      lastSpans = update(draft, booking, change, command);
    }
  });
  if ('lacking' in admitted) {
    const { lacking } = admitted;
    const spans = ids.length === 1 ? lastSpans : [];
    throw noCapacity(withoutOwn(draft, ids, () => shortfallOf(draft.state, lacking, spans)));
  }
  return { id: ids[0] ?? '', bookings: ids };
}

/** Throws unless the caller may change a booking, and its state allows it. */
function requireChangeable(draft: Draft, booking: Booking, by: UpdateBookings['by'], etag: string | undefined): void {
  const { id, owner, child } = booking;
  requireOwner(owner, by, `change booking '${id}'`, { type: 'berth.dev/Booking', name: id });
  requireEtag('Booking', id, booking.version, etag);
  if (child !== undefined) {
    throw invalidField(
      'booking.id',
      `it is the booking of cluster '${child}'; change or resize that: berth cluster resize.`,
    );
  }
  const state = stateAt(booking, draft.nowMs);
  if (isOver(booking, draft.nowMs)) throw notNow('BOOKING_OVER', booking, state, 'be changed', 'make another one');
  if (booking.lab === undefined) return;
  throw notNow(
    'BOOKING_UNSETTLED',
    booking,
    state,
    'be changed',
    'its lab has not answered yet; try again in a moment',
  );
}

/** Changes one booking; answers the spans that it is to have. */
function update(draft: Draft, booking: Booking, change: BookingChange, command: UpdateBookings): readonly Span[] {
  const { by, limits, force } = command;
  const spans = change.spans === undefined ? booking.spans : newSpans(draft, booking, change.spans, by);
  if (spans !== booking.spans) requireWithin(spans, draft.nowMs, limits);
  const next = withWishes(booking, change);
  if (isWaiting(booking)) {
    const { shortfall: _, ...rest } = next;
    draft.putBooking({ ...rest, spans });
    for (const { cluster } of spans) draft.roomIn.add(cluster);
    return spans;
  }
  if (booking.reserved === undefined || (spans === booking.spans && next.owner === booking.owner)) {
    draft.putBooking({ ...next, spans: spans.map(withoutCandidates) });
    return spans;
  }
  const { state, id } = booking;
  const { refusal: _, ...rest } = next;
  const fixed = spans.map(withoutCandidates);
  const lab = {
    step: 'PUT',
    version: nextVersion(draft, id),
    spans: fixed,
    to: state,
    back: state,
    ...(force && { force }),
  } as const;
  draft.putBooking({ ...rest, lab });
  return spans;
}

/** The spans that a booking is to have. What has begun keeps its start, and what it had until now. */
function newSpans(draft: Draft, booking: Booking, asks: NonNullable<BookingChange['spans']>, by: UpdateBookings['by']) {
  const { state, nowMs } = draft;
  // Read without the booking: its own benches are free for it.
  const spans = withoutOwn(draft, [booking.id], () =>
    readSpans(state, asks, nowMs, { by, booking: booking.id, newCluster: booking.newCluster, own: booking.spans }),
  );
  const before = extentOf(booking);
  if (!isFirm(booking) || before.startMs > nowMs) return spans;
  const { startMs, endMs } = extentOf({ spans });
  if (startMs !== before.startMs)
    throw notNow('START_FIXED', booking, 'ACTIVE', 'begin at another time', 'it has begun');
  if (endMs <= nowMs) throw refusedField('INVALID_RANGE', 'booking.spans', 'its new end is over; cancel it instead');
  if (isSameBut(booking.spans, spans)) return spans;
  return [...clipSpans(booking.spans, -Infinity, nowMs), ...clipSpans(spans, nowMs, Infinity)];
}

/** What is so if bookings took nothing. */
export function withoutOwn<A>(draft: Draft, ids: readonly string[], look: () => A): A {
  return draft.suppose(() => {
    for (const id of ids) {
      const { lab: _, freedMs: _1, ...rest } = bookingOf(draft, id);
      draft.markBooking({ ...rest, state: 'CANCELLED' });
    }
    return look();
  });
}

/** Whether two lists of spans are of one span each, and alike but for their ends. */
function isSameBut([before, ...more]: readonly Span[], [after, ...others]: readonly Span[]): boolean {
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) return false;
  const { cluster, amounts, share } = before;
  return cluster === after.cluster && share === after.share && sameAmounts(amounts, after.amounts);
}

function withWishes(booking: Booking, change: BookingChange): Booking {
  const { resolveByMs, releaseAfterMs, notifyBeforeStartMs, notifyBeforeEndMs, ...rest } = booking;
  const { spans: _, ...given } = change;
  const kept = { resolveByMs, releaseAfterMs, notifyBeforeStartMs, notifyBeforeEndMs };
  const wishes = Object.entries({ ...kept, ...withoutAbsent(given) }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return { ...rest, ...Object.fromEntries(wishes) };
}

function withoutAbsent<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Cancels a booking, or several of its series; of what has begun, the rest. What is over stays. */
export function planCancelBooking(draft: Draft, command: CancelBooking): Done {
  const { id, by, etag, why } = command;
  const named = bookingOf(draft, id);
  requireOwner(named.owner, by, `cancel booking '${id}'`, { type: 'berth.dev/Booking', name: id });
  requireEtag('Booking', id, named.version, etag);
  if (named.child !== undefined) {
    throw invalidField('id', `it is the booking of cluster '${named.child}'; delete that: berth cluster rm.`);
  }
  const cancelled: string[] = [];
  for (const booking of ofScope(draft, named, command.scope)) {
    if (isOver(booking, draft.nowMs)) continue;
    freeBooking(draft, booking, { to: 'CANCELLED', why });
    if (by.actor.name !== booking.owner)
      draft.notice('CANCELLED', booking.id, `${by.actor.name} cancelled it. ${why}`.trimEnd());
    cancelled.push(booking.id);
  }
  return { id, bookings: cancelled };
}

/** The bookings of a series that a scope means, the named one among them, by start. */
export function ofScope({ state, nowMs }: Draft, named: Booking, scope: CancelBooking['scope']): readonly Booking[] {
  const series = named.series === undefined ? undefined : state.series.get(named.series);
  if (scope === 'ONE' || series === undefined) return [named];
  const meant = (one: Booking): boolean =>
    one.id === named.id ||
    (scope === 'ALL' ? extentOf(one).startMs > nowMs : (one.occurrence ?? 0) > (named.occurrence ?? 0));
  return series.bookings.flatMap((id) => state.bookings.get(id) ?? []).filter(meant);
}
