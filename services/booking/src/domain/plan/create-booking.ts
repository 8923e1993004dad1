import type { By } from '@berth/kernel';
import { BerthError, invalidField, requireOwner } from '@berth/kernel';
import type { Booking, BookingWishes, Shortfall, Span } from '../model/booking.js';
import { extentOf } from '../model/booking.js';
import type { CreateBooking, CreateSeries, SpanAsk } from '../model/commands.js';
import type { Done } from '../model/ledger.js';
import { overlap } from '../time/interval.js';
import { putChild } from './clusters.js';
import type { Draft } from './draft.js';
import { Lacks } from './draft.js';
import { shortfallOf } from './lacking.js';
import type { Unplaced } from './place.js';
import { closedOf, putFirm, putWaiting } from './place.js';
import { readSpans, requireWithin } from './read-spans.js';
import { noCapacity, refusedField } from './refusals.js';

/** What a new booking is before it is placed. */
export function newBooking(draft: Draft, id: string, wishes: BookingWishes, by: By): Unplaced {
  return { id, ...wishes, degraded: false, reason: '', actor: by.actor.name, createdMs: draft.nowMs };
}

/** How a new booking came out: it was put, firm or waiting; or what it lacks. */
type Placed = { readonly booking: Booking } | { readonly shortfall: Shortfall };

interface Placing {
  readonly booking: Unplaced;
  readonly asks: readonly SpanAsk[];
  readonly by: By;
  /** Until when it is held, instead of booked. */
  readonly holdUntilMs?: number;
  readonly force?: boolean;
  readonly limits?: CreateBooking['limits'];
  /** Makes its own cluster, firm or waiting, before the spans are read. */
  readonly makeCluster?: (waits: boolean) => string;
}

/** Books, or holds. Both it and its own cluster are made, or neither. */
export function planCreateBooking(draft: Draft, command: CreateBooking): Done {
  const { id, wishes, by, holdMs, newCluster, force, limits } = command;
  requireOwner(wishes.owner, by, 'book in the name');
  if (holdMs !== undefined) requireHolds(draft, wishes.owner, limits?.holds);
  const booking = {
    ...newBooking(draft, id, wishes, by),
    ...(holdMs !== undefined && { holdUntilMs: draft.nowMs + holdMs }),
    ...(newCluster && { newCluster: newCluster.name }),
  };
  const makeCluster =
    newCluster &&
    ((waits: boolean) => {
      const { startMs, endMs } = extentOf(command);
      const ask = { startMs, endMs, ...newCluster };
      const { whenFull, priority } = wishes;
      const making = { by, bookingId: newCluster.bookingId, exclusiveBooking: id, waits, whenFull, priority };
      return putChild(draft, ask, making, 'new_cluster').name;
    });
  const placed = place(draft, {
    booking,
    asks: command.spans,
    by,
    ...(force && { force }),
    ...(limits && { limits }),
    ...(makeCluster && { makeCluster }),
  });
  if ('shortfall' in placed) throw noCapacity(placed.shortfall);
  return { id, bookings: newCluster === undefined ? [id] : [id, newCluster.bookingId] };
}

/** Books many times: all of them, or those that fit. */
export function planCreateSeries(draft: Draft, command: CreateSeries): Done {
  const { id, wishes, by, occurrences, bestEffort, force, limits } = command;
  requireOwner(wishes.owner, by, 'book in the name');
  requireApart(occurrences);
  const bookings: string[] = [];
  const conflicts: Shortfall[] = [];
  for (const [at, occurrence] of occurrences.entries()) {
    const booking = { ...newBooking(draft, occurrence.id, wishes, by), series: id, occurrence: at + 1 };
    const facts = { ...(force && { force }), ...(limits && { limits }) };
    const placed = place(draft, { booking, asks: occurrence.spans, by, ...facts });
    if ('shortfall' in placed) conflicts.push(placed.shortfall);
    else bookings.push(occurrence.id);
  }
  const [first] = conflicts;
  if (first !== undefined && !bestEffort) throw noCapacity(first, conflicts);
  if (bookings.length === 0) return { id: '', bookings, conflicts };
  const { owner } = wishes;
  const series = { id, owner, rule: command.rule, bookings, createdMs: draft.nowMs, actor: by.actor.name };
  draft.put({ kind: 'series', series });
  return { id, bookings, ...(bestEffort && { conflicts }) };
}

/** Puts a new booking where it fits: firm, or waiting where it may wait. */
function place(draft: Draft, placing: Placing): Placed {
  const { booking, by, force } = placing;
  if (draft.state.bookings.has(booking.id))
    throw new BerthError('INTERNAL', `booking '${booking.id}' is there already`);
  let spans: readonly Span[] = [];
  const read = (waits: boolean): readonly Span[] => {
    const newCluster = placing.makeCluster?.(waits);
    spans = readSpans(draft.state, placing.asks, draft.nowMs, { by, booking: booking.id, newCluster });
    requireWithin(spans, draft.nowMs, placing.limits);
    return spans;
  };
  const to = booking.holdUntilMs === undefined ? 'BOOKED' : 'HELD';
  const firm = draft.admit(() => {
    const asked = read(false);
    const closed = closedOf(draft, asked);
    if (closed !== undefined) throw new Lacks(closed);
    return putFirm(draft, booking, asked, { to, back: 'CANCELLED', ...(force && { force }) });
  });
  if ('made' in firm) return { booking: firm.made };
  const shortfall = shortfallOf(draft.state, firm.lacking, placing.makeCluster === undefined ? spans : []);
  const { startMs } = extentOf({ spans });
  if (booking.whenFull !== 'WAIT' || to === 'HELD' || startMs <= draft.nowMs) return { shortfall };
  return { booking: putWaiting(draft, booking, read(true), shortfall) };
}

/** Throws BOOKING_LIMIT when an owner has as many holds as one may have. */
function requireHolds({ state }: Draft, owner: string, most = Infinity): void {
  let holds = 0;
  for (const id of state.held) if (state.bookings.get(id)?.owner === owner) holds += 1;
  if (holds < most) return;
  const description = `at most ${String(most)} holds at a time`;
  throw new BerthError(
    'BOOKING_LIMIT',
    `${owner} has ${String(holds)} holds, and may have ${description}; confirm or cancel one.`,
    {
      quota: [{ subject: 'holds', description }],
      metadata: { limit: 'holds', holds: String(holds) },
    },
  );
}

/** Throws INVALID_SERIES when occurrences overlap each other, or there are none. */
function requireApart(occurrences: CreateSeries['occurrences']): void {
  if (occurrences.length === 0) throw invalidField('recurrence.rule', 'never comes.', 'INVALID_SERIES');
  const extents = occurrences.map(extentOf);
  extents.sort((a, b) => a.startMs - b.startMs);
  for (const [at, one] of extents.entries()) {
    const next = extents[at + 1];
    if (next === undefined || !overlap(one, next)) continue;
    throw refusedField('INVALID_SERIES', 'recurrence', 'its occurrences overlap each other', { problem: 'OVERLAP' });
  }
}
