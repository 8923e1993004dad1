import { Booking as BookingMessage } from '@berth/proto/berth/booking/v1/booking';
import type { BookingServiceDefinition } from '@berth/proto/berth/booking/v1/booking_service';
import * as messages from '@berth/proto/berth/booking/v1/booking_service';
import type { ServiceImplementation } from '@berth/server';
import { DAY_MS, itemBytes, parseDuration, parseRequest, proseFault, SECOND_MS, storePage } from '@berth/server';
import type { Booking } from '../domain/model/booking.js';
import { bookingOf, shortfallOf } from './booking-to-proto.js';
import type { HandlerContext } from './calls.js';
import { callOf, idFault, parseId, requireForce, whole } from './calls.js';
import { clusterOf } from './capacity-to-proto.js';
import { parseBooking, parseBookingPatch, parseRecurrence, parseScope } from './parse-booking.js';
import { parseNewCluster } from './parse-capacity.js';
import { parseBookingFilter } from './parse-queries.js';

export type BookingHandlers = Pick<
  ServiceImplementation<BookingServiceDefinition>,
  | 'createBooking'
  | 'getBooking'
  | 'listBookings'
  | 'updateBooking'
  | 'cancelBooking'
  | 'createSeries'
  | 'createHold'
  | 'confirmHold'
  | 'checkIn'
>;

const TTL_LIMITS = { minMs: SECOND_MS, maxMs: DAY_MS, instead: '; book it instead' };

const bookingBytes = itemBytes(BookingMessage);

/** Bookings as they are told now, in their order. */
export async function tellBookings(
  { uses, clock }: HandlerContext,
  bookings: readonly Booking[],
): Promise<BookingMessage[]> {
  const taken = await uses.taken(bookings);
  const nowMs = clock.now();
  return bookings.map((booking, i) => bookingOf(booking, taken[i] ?? [], nowMs));
}

/** The methods of BookingService that make, change and list bookings. */
export function bookingHandlers(context: () => HandlerContext): BookingHandlers {
  const tell = async (booking: Booking) => (await tellBookings(context(), [booking]))[0];

  return {
    async createBooking(request, call) {
      requireForce(request.force, call);
      const { booking, newCluster } = parseRequest(request, (faults) => ({
        booking: parseBooking(request.booking, 'booking', faults),
        newCluster: request.newCluster && parseNewCluster(request.newCluster, 'new_cluster', faults),
      }));
      const { uses, clock } = context();
      const asked = callOf('CreateBooking', messages.CreateBookingRequest, request, call);
      const made = await uses.createBooking({ booking: whole(booking), newCluster, force: request.force }, asked);
      const { cluster } = made;
      const [state = 'OPEN'] = cluster === undefined ? [] : await uses.clusterStates([cluster]);
      return {
        booking: await tell(made.booking),
        newCluster: cluster && clusterOf(cluster, state, clock.now()),
      };
    },

    async getBooking(request) {
      parseId(request);
      return { booking: await tell(await context().uses.getBooking(request.id)) };
    },

    async listBookings(request) {
      const filter = parseRequest(request, (faults) => parseBookingFilter(request, faults));
      const { messages: bookings, nextPageToken } = await storePage(request, {
        read: async (limit, after) => {
          const { documents, next } = await context().uses.listBookings(filter, { limit, after });
          return { documents: await tellBookings(context(), documents), next };
        },
        message: (told: BookingMessage) => told,
        bytes: bookingBytes,
        scope: ['ListBookings', filter],
      });
      return { bookings, nextPageToken };
    },

    async updateBooking(request, call) {
      requireForce(request.force, call);
      const { booking, force } = request;
      const { patch, scope } = parseRequest(request, (faults) => {
        if (booking !== undefined) faults.require('booking.id', booking.id, idFault);
        return { patch: parseBookingPatch(request, faults), scope: parseScope(request.scope, 'scope', faults) };
      });
      const { id, etag } = whole(booking);
      const asked = callOf('UpdateBooking', messages.UpdateBookingRequest, request, call);
      const updated = await context().uses.updateBooking({ id, etag, patch, scope, force }, asked);
      return { booking: await tell(updated.booking), changed: updated.changed };
    },

    async cancelBooking(request, call) {
      const { id, etag, reason } = request;
      const scope = parseRequest(request, (faults) => {
        faults.require('id', id, idFault);
        faults.check('reason', proseFault(reason));
        return parseScope(request.scope, 'scope', faults);
      });
      const asked = callOf('CancelBooking', messages.CancelBookingRequest, request, call);
      const { booking, changed } = await context().uses.cancelBooking({ id, etag, reason, scope }, asked);
      return { booking: await tell(booking), cancelled: changed };
    },

    async createSeries(request, call) {
      requireForce(request.force, call);
      const { bestEffort, force } = request;
      const { booking, recurrence } = parseRequest(request, (faults) => {
        const spans = request.booking?.spans.length ?? 0;
        if (spans > 1) faults.add('booking.spans', `has ${spans} spans; a series has exactly one`);
        return {
          booking: parseBooking(request.booking, 'booking', faults),
          recurrence: parseRecurrence(request.recurrence, 'recurrence', faults),
        };
      });
      const asked = callOf('CreateSeries', messages.CreateSeriesRequest, request, call);
      const input = { booking: whole(booking), recurrence, bestEffort, force };
      const { seriesId, bookings, conflicts } = await context().uses.createSeries(input, asked);
      return { seriesId, bookings: await tellBookings(context(), bookings), conflicts: conflicts.map(shortfallOf) };
    },

    async createHold(request, call) {
      const { booking, ttlMs } = parseRequest(request, (faults) => ({
        booking: parseBooking(request.booking, 'booking', faults),
        ttlMs: parseDuration(request.ttl, 'ttl', TTL_LIMITS, faults),
      }));
      const asked = callOf('CreateHold', messages.CreateHoldRequest, request, call);
      const { uses, holdMs } = context();
      return { booking: await tell(await uses.createHold({ booking: whole(booking), ttlMs: ttlMs ?? holdMs }, asked)) };
    },

    async confirmHold(request, call) {
      const { id, etag } = parseId(request);
      const asked = callOf('ConfirmHold', messages.ConfirmHoldRequest, request, call);
      return { booking: await tell(await context().uses.confirmHold({ id, etag }, asked)) };
    },

    async checkIn(request, call) {
      const { id } = parseId(request);
      const asked = callOf('CheckIn', messages.CheckInRequest, request, call);
      return { booking: await tell(await context().uses.checkIn({ id }, asked)) };
    },
  };
}
