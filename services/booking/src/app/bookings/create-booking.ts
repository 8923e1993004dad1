import { orderedId } from '@berth/kernel';
import type { Booking } from '../../domain/model/booking.js';
import type { Cluster } from '../../domain/model/cluster.js';
import type { CreateBooking } from '../../domain/model/commands.js';
import type { BookingContext } from '../booking-context.js';
import { clusterAsk } from '../capacity/cluster-ask.js';
import type { BookingInput, Call, ClusterInput } from '../inputs.js';
import { throwRefusal } from '../labs/lab-steps.js';
import { resolveSpans, rootOfSpans } from '../resolve/resolve-spans.js';
import { DEFAULT_ROOT } from '../roots/roots.js';
import { limitsOf, wishesOf } from './booking-wishes.js';
import { bookingOf, carryOut } from './carry-out.js';

export interface CreateBookingInput {
  readonly booking: BookingInput;
  readonly newCluster?: ClusterInput | undefined;
  readonly force: boolean;
  /** Held for so long, instead of booked. */
  readonly holdMs?: number;
}

/** Books, holds, or books with a cluster of its own: both or neither. */
export async function createBooking(
  context: BookingContext,
  { booking, newCluster, force, holdMs }: CreateBookingInput,
  call: Call,
): Promise<{ readonly booking: Booking; readonly cluster?: Cluster | undefined }> {
  const nowMs = context.clock.now();
  const id = orderedId('bk', nowMs);
  const own = newCluster && named(newCluster, id);
  const replica = await rootOfSpans(context, booking.spans, own);
  const make = async (): Promise<CreateBooking> => {
    const { by, key } = call;
    const { settings } = context;
    const { asks, ofBenches } = await resolveSpans(context, replica, booking.spans, own);
    const ask = own && (await clusterAsk(context, replica, own, 'new_cluster', call));
    const cluster = ask && { bookingId: orderedId('bk', nowMs), ...ask };
    return {
      kind: 'createBooking',
      id,
      wishes: wishesOf(booking, by, ofBenches, settings),
      spans: asks,
      by,
      key,
      ...(holdMs !== undefined && { holdMs }),
      ...(cluster && { newCluster: cluster }),
      ...limitsOf(call, settings),
      ...(force && { force }),
    };
  };
  const carried = await carryOut(context, replica, make, call, ({ bookings, clusters }, done) =>
    clusters.get(bookings.get(done.id)?.newCluster ?? ''),
  );
  const made = bookingOf(carried);
  throwRefusal(made);
  return { booking: made, cluster: carried.seen };
}

/** A cluster of a booking's own, which is a child; one without a name is named after the booking. */
function named({ name, parent: given, ...rest }: ClusterInput, bookingId: string): ClusterInput {
  const parent = given === '' ? DEFAULT_ROOT : given;
  return { name: name === '' ? `${parent}/${bookingId}` : name, parent, ...rest };
}
