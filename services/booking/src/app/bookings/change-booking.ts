import type { Booking } from '../../domain/model/booking.js';
import { isFirm } from '../../domain/model/booking.js';
import type { Asked, CancelBooking, CheckIn, Command, ConfirmHold, SeriesScope } from '../../domain/model/commands.js';
import { noSuchBooking } from '../../domain/plan/refusals.js';
import type { BookingContext } from '../booking-context.js';
import type { Call, Scope } from '../inputs.js';
import { throwRefusal } from '../labs/lab-steps.js';
import type { RootReplica } from '../roots/root-replica.js';
import { bookingOf, carryOut } from './carry-out.js';

const SCOPES: Readonly<Record<Scope, SeriesScope>> = { one: 'ONE', following: 'FOLLOWING', all: 'ALL' };

export interface ChangedBookings {
  readonly booking: Booking;
  readonly changed: number;
}

/** The root that a booking is of. Throws NO_SUCH_BOOKING. */
export async function rootOfBooking({ roots }: BookingContext, id: string): Promise<RootReplica> {
  const replica = await roots.having(({ bookings }) => bookings.has(id));
  if (replica === undefined) throw noSuchBooking(id);
  return replica;
}

/** A booking as it is now. Throws NO_SUCH_BOOKING. */
export async function getBooking(context: BookingContext, id: string): Promise<Booking> {
  const replica = await rootOfBooking(context, id);
  const booking = await replica.read(({ bookings }) => bookings.get(id));
  if (booking === undefined) throw noSuchBooking(id);
  return booking;
}

/** Cancels a booking, or more of its series. */
export async function cancelBooking(
  context: BookingContext,
  input: { readonly id: string; readonly etag: string; readonly reason: string; readonly scope: Scope },
  call: Call,
): Promise<ChangedBookings> {
  const { id, reason: why, scope } = input;
  const command: CancelBooking = {
    kind: 'cancelBooking',
    id,
    why,
    scope: SCOPES[scope],
    ...etag(input),
    ...asked(call),
  };
  const changed = await change(context, command, call);
  // The lab did not give it back.
  if (isFirm(changed.booking)) throwRefusal(changed.booking);
  return changed;
}

/** Makes a hold firm. */
export async function confirmHold(
  context: BookingContext,
  input: { readonly id: string; readonly etag: string },
  call: Call,
): Promise<Booking> {
  const command: ConfirmHold = { kind: 'confirmHold', id: input.id, ...etag(input), ...asked(call) };
  const { booking } = await change(context, command, call);
  throwRefusal(booking);
  return booking;
}

/** Says that a booking is used. */
export async function checkIn(context: BookingContext, { id }: { readonly id: string }, call: Call): Promise<Booking> {
  const command: CheckIn = { kind: 'checkIn', id, ...asked(call) };
  return (await change(context, command, call)).booking;
}

async function change(
  context: BookingContext,
  command: Command & { readonly id: string },
  call: Call,
): Promise<ChangedBookings> {
  const replica = await rootOfBooking(context, command.id);
  const carried = await carryOut(
    context,
    replica,
    () => command,
    call,
    ({ bookings }) => bookings.get(command.id),
  );
  // One that changed nothing names no booking.
  const booking = carried.seen ?? bookingOf(carried);
  return { booking, changed: carried.done.bookings.length };
}

function asked({ by, key }: Call): Asked {
  return { by, key };
}

function etag({ etag: given }: { readonly etag: string }): { readonly etag?: string } {
  return given === '' ? {} : { etag: given };
}
