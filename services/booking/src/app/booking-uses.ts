import { noMetrics } from '@berth/kernel';
import { answerAvailability } from './availability/get-availability.js';
import { answerFits } from './availability/find-fits.js';
import { answerSimulation } from './availability/simulate.js';
import { takenBy } from './availability/taken.js';
import { watchBookings } from './availability/watch-bookings.js';
import type { BookingUses, CapacityUses } from './booking-app.js';
import type { BookingContext } from './booking-context.js';
import { BookingMetrics } from './booking-metrics.js';
import { cancelBooking, checkIn, confirmHold, getBooking } from './bookings/change-booking.js';
import { createBooking } from './bookings/create-booking.js';
import { createSeries } from './bookings/create-series.js';
import { updateBooking } from './bookings/update-bookings.js';
import {
  clusterStates,
  createCluster,
  deleteCluster,
  getCluster,
  resizeCluster,
  updateCluster,
} from './capacity/change-cluster.js';
import { createGrant, deleteGrant, getGrant, updateGrant } from './capacity/change-grant.js';
import { createTemplate, hideTemplate } from './capacity/change-template.js';
import { listClusters, listGrants, listTemplates } from './capacity/list-capacity.js';
import { listSizes } from './capacity/list-sizes.js';
import { listBookings, listConflicts } from './lists/list-bookings.js';

/** All use cases, for transports. */
export function bookingUses(
  context: () => BookingContext,
  metrics = new BookingMetrics(noMetrics()),
): BookingUses & CapacityUses {
  return {
    createBooking: (input, call) =>
      metrics.count(
        () => createBooking(context(), input, call),
        () => 1,
      ),
    createHold: async ({ booking, ttlMs }, call) => {
      const hold = { booking, force: false, holdMs: ttlMs };
      const made = await metrics.count(
        () => createBooking(context(), hold, call),
        () => 1,
      );
      return made.booking;
    },
    createSeries: (input, call) =>
      metrics.count(
        () => createSeries(context(), input, call),
        ({ bookings }) => bookings.length,
      ),
    updateBooking: (input, call) => updateBooking(context(), input, call),
    cancelBooking: (input, call) => cancelBooking(context(), input, call),
    confirmHold: (input, call) => confirmHold(context(), input, call),
    checkIn: (input, call) => checkIn(context(), input, call),
    getBooking: (id) => getBooking(context(), id),
    listBookings: (filter, page) => listBookings(context(), filter, page),
    listConflicts: (filter, page) => listConflicts(context(), filter, page),
    taken: (bookings) => takenBy(context(), bookings),
    getAvailability: (input) => answerAvailability(context(), input),
    findFits: (input, call) => answerFits(context(), input, call),
    simulate: (input, call) => answerSimulation(context(), input, call),
    watch: (input, signal) => watchBookings(context(), input, signal),
    createCluster: (input, call) => createCluster(context(), input, call),
    getCluster: (name) => getCluster(context(), name),
    listClusters: (filter, page) => listClusters(context(), filter, page),
    updateCluster: (input, call) => updateCluster(context(), input, call),
    deleteCluster: (input, call) => deleteCluster(context(), input, call),
    resizeCluster: (input, call) => resizeCluster(context(), input, call),
    clusterStates: (clusters) => clusterStates(context(), clusters),
    listSizes: (input) => listSizes(context(), input),
    createGrant: (input, call) => createGrant(context(), input, call),
    getGrant: (id) => getGrant(context(), id),
    listGrants: (filter, page) => listGrants(context(), filter, page),
    updateGrant: (input, call) => updateGrant(context(), input, call),
    deleteGrant: (input, call) => deleteGrant(context(), input, call),
    createTemplate: (input, call) => createTemplate(context(), input, call),
    listTemplates: (filter, page) => listTemplates(context(), filter, page),
    hideTemplate: (input, call) => hideTemplate(context(), input, call),
  };
}
