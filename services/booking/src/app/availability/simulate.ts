import { invalidField, orderedId } from '@berth/kernel';
import type { Booking } from '../../domain/model/booking.js';
import { isFirm, isWaiting } from '../../domain/model/booking.js';
import type { Answer, Command, CreateBooking } from '../../domain/model/commands.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { SimulationAnswer, SimulationInput } from '../booking-app.js';
import type { BookingContext } from '../booking-context.js';
import { wishesOf } from '../bookings/booking-wishes.js';
import type { BookingInput, Call, GrantInput } from '../inputs.js';
import { resolveSpans, rootOfSpans } from '../resolve/resolve-spans.js';
import { intervalOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { DEFAULT_ROOT } from '../roots/roots.js';
import { availabilityIn, resolveAvailability, rootOfCluster } from './get-availability.js';

const MOST_IDS = 1000;
const ONCE = { id: '', fingerprint: '' };

/** Answers as if grants and bookings were there that nobody stores, all of one root. */
export async function answerSimulation(
  context: BookingContext,
  input: SimulationInput,
  call: Call,
): Promise<SimulationAnswer> {
  const { grants, bookings, without, availability } = input;
  const cluster = availability?.cluster ?? grants[0]?.cluster ?? bookings[0]?.spans[0]?.cluster ?? DEFAULT_ROOT;
  const replica = await rootOfCluster(context, cluster === '' ? DEFAULT_ROOT : cluster);
  const by = { actor: call.by.actor, operator: true };
  const granted = await Promise.all(grants.map((grant) => grantCommand(context, replica, grant, by)));
  const booked = await Promise.all(
    bookings.map((booking, at) => bookingCommand(context, replica, booking, by, `bookings[${String(at)}]`)),
  );
  const ask = availability && (await resolveAvailability(context, availability));
  const before = await replica.read(({ degraded, bookings: all }) => ({
    degraded: new Set(degraded),
    waiting: [...all.values()].filter(isWaiting).map(({ id }) => id),
    left: without.map((id) => (all.has(id) ? cancel(id, by) : removal(id, by))),
  }));
  const commands: Command[] = [...before.left, ...granted, ...booked];
  return replica.tryOut(commands, (state, answers) => {
    if (answers.length < commands.length)
      throw invalidField('bookings', 'are too many for one simulation; take fewer.');
    const made = new Set(booked.map(({ id }) => id));
    const degraded = [...state.degraded].filter((id) => !before.degraded.has(id) && !made.has(id));
    const promoted = before.waiting.filter((id) => isFirmIn(state, id));
    return {
      bookings: booked.map(({ id }, at) => {
        const waits = bookings[at]?.whenFull === 'wait';
        return becameOf(state, id, answers[commands.length - booked.length + at], waits);
      }),
      degraded: degraded.slice(0, MOST_IDS),
      promoted: promoted.slice(0, MOST_IDS),
      availability: ask && availabilityIn(state, ask),
    };
  });
}

/** Each is put with WAIT: what is in its way is told then, also of one that would be refused. */
function becameOf(
  state: RootState,
  id: string,
  answer: Answer | undefined,
  waits: boolean,
): SimulationAnswer['bookings'][number] {
  if (answer !== undefined && 'refused' in answer) throw answer.refused;
  const booking: Booking | undefined = state.bookings.get(id);
  if (booking === undefined) return { state: undefined, shortfall: undefined };
  const { state: became, shortfall } = booking;
  return { state: isWaiting(booking) && !waits ? undefined : became, shortfall };
}

function isFirmIn({ bookings }: RootState, id: string): boolean {
  const booking = bookings.get(id);
  return booking !== undefined && isFirm(booking);
}

async function grantCommand(
  context: BookingContext,
  replica: RootReplica,
  grant: GrantInput,
  by: Call['by'],
): Promise<Command> {
  const { kind, cluster, amounts, range, description, labels } = grant;
  return {
    kind: 'createGrant',
    id: orderedId('gr', context.clock.now()),
    grant: {
      cluster,
      kind: kind === 'maintenance' ? 'MAINTENANCE' : 'CAPACITY',
      amounts,
      description,
      labels,
      ...(await intervalOf(context, replica, cluster, range)),
    },
    by,
    key: ONCE,
  };
}

async function bookingCommand(
  context: BookingContext,
  replica: RootReplica,
  booking: BookingInput,
  by: Call['by'],
  path: string,
): Promise<CreateBooking> {
  if ((await rootOfSpans(context, booking.spans)) !== replica) {
    throw invalidField(`${path}.spans`, `are of another root than '${replica.root}'; a simulation is of one root.`);
  }
  const resolved = await resolveSpans(context, replica, booking.spans);
  if (resolved.ofBenches) throw invalidField(`${path}.spans`, 'are of benches; these cannot be simulated.');
  const { whenFull: _, ...wishes } = wishesOf(booking, by, false, context.settings);
  return {
    kind: 'createBooking',
    id: orderedId('bk', context.clock.now()),
    wishes: { whenFull: 'WAIT', ...wishes },
    spans: resolved.asks,
    by,
    key: ONCE,
  };
}

function cancel(id: string, by: Call['by']): Command {
  return { kind: 'cancelBooking', id, scope: 'ONE', why: '', by, key: ONCE };
}

function removal(id: string, by: Call['by']): Command {
  return { kind: 'deleteGrant', id, force: true, by, key: ONCE };
}
