import type { Booking } from '../../domain/model/booking.js';
import { extentOf, isOver } from '../../domain/model/booking.js';
import type { BookingChange, SpanAsk, UpdateBookings } from '../../domain/model/commands.js';
import { noSuchBooking } from '../../domain/plan/refusals.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { Calendar } from '../../domain/time/calendar.js';
import type { BookingContext } from '../booking-context.js';
import type { BookingInput, Call, Patch, Scope } from '../inputs.js';
import { throwRefusal } from '../labs/lab-steps.js';
import { resolveSpans } from '../resolve/resolve-spans.js';
import { zoneOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { limitsOf } from './booking-wishes.js';
import { bookingOf, carryOut } from './carry-out.js';
import type { ChangedBookings } from './change-booking.js';
import { rootOfBooking } from './change-booking.js';

export interface UpdateBookingInput {
  readonly id: string;
  readonly etag: string;
  readonly patch: Patch<BookingInput>;
  readonly scope: Scope;
  readonly force: boolean;
}

/**
 * Changes a booking, or more of its series: all or none. The others move by as much as the named one, in wall-clock time: a
 * series at 09:00 that is moved to 10:00 is at 10:00 on both sides of a change of the clocks.
 */
export async function updateBooking(
  context: BookingContext,
  { id, etag, patch, scope, force }: UpdateBookingInput,
  call: Call,
): Promise<ChangedBookings> {
  const replica = await rootOfBooking(context, id);
  const make = async (): Promise<UpdateBookings> => {
    const { clock, settings } = context;
    const meant = await replica.read((state) => meantBy(state, id, scope, clock.now()));
    const [first] = meant;
    if (first === undefined) throw noSuchBooking(id);
    const { asks, move } = await newTimes(context, replica, first, patch.spans);
    const change = changeOf(patch);
    const bookings = meant.map((booking, at) => {
      const spans = asks && (at === 0 ? asks : asks.map((ask, i) => move(ask, booking, i)));
      const own = spans === undefined ? change : { spans, ...change };
      return { id: booking.id, change: own, ...(at === 0 && etag !== '' && { etag }) };
    });
    const { by, key } = call;
    return {
      kind: 'updateBookings',
      bookings,
      by,
      key,
      ...limitsOf(call, settings),
      ...(force && { force }),
    };
  };
  const carried = await carryOut(context, replica, make, call, (state) => state.bookings.get(id));
  carried.bookings.forEach(throwRefusal);
  return { booking: carried.seen ?? bookingOf(carried), changed: carried.done.bookings.length };
}

/** The bookings that are meant, the named one first. */
function meantBy(state: RootState, id: string, scope: Scope, nowMs: number): readonly Booking[] {
  const named = state.bookings.get(id);
  if (named === undefined) return [];
  if (scope === 'one' || named.series === undefined) return [named];
  const { startMs } = extentOf(named);
  const others = (state.series.get(named.series)?.bookings ?? []).flatMap((other) => {
    const booking = other === id ? undefined : state.bookings.get(other);
    if (booking === undefined || isOver(booking, nowMs) || extentOf(booking).startMs <= nowMs) return [];
    return scope === 'all' || extentOf(booking).startMs > startMs ? [booking] : [];
  });
  return [named, ...others];
}

interface NewTimes {
  /** The spans of the named booking; undefined = they stay. */
  readonly asks: readonly SpanAsk[] | undefined;
  /** A span of another booking of the series: what it takes is the same, and it is moved by as much. */
  readonly move: (ask: SpanAsk, other: Booking, at: number) => SpanAsk;
}

async function newTimes(
  context: BookingContext,
  replica: RootReplica,
  named: Booking,
  spans: Patch<BookingInput>['spans'],
): Promise<NewTimes> {
  if (spans === undefined || spans === null) return { asks: undefined, move: (ask) => ask };
  const { asks } = await resolveSpans(context, replica, spans);
  const cluster = named.spans[0]?.cluster ?? replica.root;
  const { zone: given, path } = spans[0]?.range ?? { zone: '', path: '' };
  const zone = await zoneOf(context, replica, cluster, given, path);
  const { calendar } = context;
  return {
    asks,
    move: (ask, other, at) => {
      const [before, there] = [named.spans[at] ?? named.spans[0], other.spans[at] ?? other.spans[0]];
      if (before === undefined || there === undefined) return ask;
      const { startMs: _1, endMs: _2, ...what } = ask;
      return {
        startMs: movedBy(calendar, zone, there.startMs, before.startMs, ask.startMs),
        endMs: movedBy(calendar, zone, there.endMs, before.endMs, ask.endMs),
        ...what,
      };
    },
  };
}

/** An instant that is moved on the wall by as much as another one is moved from `fromMs` to `toMs`. */
function movedBy(calendar: Calendar, zone: string, atMs: number, fromMs: number, toMs: number): number {
  const byMs = calendar.wallAt(toMs, zone) - calendar.wallAt(fromMs, zone);
  return calendar.place(calendar.wallAt(atMs, zone) + byMs, zone).atMs;
}

function changeOf(patch: Patch<BookingInput>): BookingChange {
  const { owner, description, labels, priority, resolveByMs, releaseAfterMs, notifyBeforeStartMs, notifyBeforeEndMs } =
    patch;
  return {
    ...(owner !== undefined && owner !== null && { owner }),
    ...(description !== undefined && { description: description ?? '' }),
    ...(labels !== undefined && { labels: labels ?? {} }),
    ...(priority !== undefined && { priority: priority ?? 50 }),
    ...(resolveByMs !== undefined && { resolveByMs }),
    ...(releaseAfterMs !== undefined && { releaseAfterMs: orNone(releaseAfterMs) }),
    ...(notifyBeforeStartMs !== undefined && { notifyBeforeStartMs: orNone(notifyBeforeStartMs) }),
    ...(notifyBeforeEndMs !== undefined && { notifyBeforeEndMs: orNone(notifyBeforeEndMs) }),
  };
}

/** A span of 0 is none. */
function orNone(ms: number | null): number | null {
  return ms === 0 ? null : ms;
}
