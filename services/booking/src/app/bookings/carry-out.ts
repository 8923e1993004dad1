import type { Booking } from '../../domain/model/booking.js';
import type { Command } from '../../domain/model/commands.js';
import type { Done } from '../../domain/model/ledger.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { BookingContext } from '../booking-context.js';
import type { Call } from '../inputs.js';
import type { RootReplica } from '../roots/root-replica.js';

/** What a command did, and what else was asked of the state that it left. */
export interface Carried<T> {
  readonly done: Done;
  /** The bookings that it made or changed, as they are then. */
  readonly bookings: readonly Booking[];
  readonly seen: T;
}

/**
 * Carries out a command, and for bookings of benches what it needs of the lab: the answer is what the entry says that settles
 * it, also for repeats that come meanwhile. With `validateOnly` it says what would be, without the lab. Throws why the ledger
 * refuses it; what a lab refused is in the bookings.
 */
export async function carryOut<T>(
  { steps }: BookingContext,
  replica: RootReplica,
  command: Command,
  { validateOnly }: Pick<Call, 'validateOnly'>,
  look: (state: RootState, done: Done) => T,
): Promise<Carried<T>> {
  const see = (state: RootState, done: Done): Carried<T> => ({
    done,
    bookings: done.bookings.flatMap((id) => state.bookings.get(id) ?? []),
    seen: look(state, done),
  });
  if (validateOnly === true) {
    return replica.tryOut([command], (state, [answer]) => {
      if (answer === undefined) throw new Error('a command has no answer');
      if ('refused' in answer) throw answer.refused;
      return see(state, answer.done);
    });
  }
  const carried = await replica.submit(command, see);
  const open = carried.bookings.filter(({ lab }) => lab !== undefined);
  if (open.length === 0) return carried;
  await Promise.all(open.map(({ id }) => steps.settle(replica, id)));
  return replica.read((state) => see(state, carried.done));
}

/** The booking that a command was about. */
export function bookingOf({ done, bookings }: Pick<Carried<unknown>, 'done' | 'bookings'>): Booking {
  const booking = bookings.find(({ id }) => id === done.id) ?? bookings[0];
  if (booking === undefined) throw new Error(`the booking '${done.id}' is not there right after it was changed`);
  return booking;
}
