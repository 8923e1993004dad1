import type { Booking, Command, Done } from '../../domain/index.js';
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

/** How a command is given: with an id, its repeat is answered; `validateOnly` only says what would be. */
export type Giving = Pick<Call, 'key' | 'validateOnly'>;

/**
 * Carries out a command, and for bookings of benches what it needs of the lab: the answer is what the entry says that settles
 * it, also for repeats that come meanwhile. With `validateOnly` it says what would be, without the lab. Throws why the ledger
 * refuses it; what a lab refused is in the bookings.
 *
 * `make` resolves what the command refers to. Where that fails, the call may be a repeat all the same, of one that did its work
 * when the template was not hidden yet, or the lab not away: the ledger is asked.
 */
export async function carryOut<T>(
  context: BookingContext,
  replica: RootReplica,
  make: () => Command | Promise<Command>,
  call: Giving,
  look: (state: RootState, done: Done) => T,
): Promise<Carried<T>> {
  const see = (state: RootState, done: Done): Carried<T> => ({
    done,
    bookings: done.bookings.flatMap((id) => state.bookings.get(id) ?? []),
    seen: look(state, done),
  });
  let command: Command;
  try {
    command = await make();
  } catch (error) {
    const before = await replica.read((state) => {
      const done = answeredIn(state, call);
      return done && see(state, done);
    });
    if (before === undefined) throw error;
    return settled(context, replica, before, see);
  }
  if (call.validateOnly === true) return tryOut(replica, command, see);
  return settled(context, replica, await replica.submit(command, see), see);
}

/** What the call did before, if it did. */
function answeredIn({ answers }: RootState, { key }: Giving): Done | undefined {
  const answer = key.id === '' ? undefined : answers.get(key.id);
  return answer?.fingerprint === key.fingerprint ? answer.done : undefined;
}

function tryOut<T>(
  replica: RootReplica,
  command: Command,
  see: (state: RootState, done: Done) => Carried<T>,
): Promise<Carried<T>> {
  return replica.tryOut([command], (state, [answer]) => {
    if (answer === undefined) throw new Error('a command has no answer');
    if ('refused' in answer) throw answer.refused;
    return see(state, answer.done);
  });
}

/** What was carried out, once no step at a lab is left. */
async function settled<T>(
  { steps }: BookingContext,
  replica: RootReplica,
  carried: Carried<T>,
  see: (state: RootState, done: Done) => Carried<T>,
): Promise<Carried<T>> {
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
